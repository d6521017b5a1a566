#include <catch2/catch.hpp>
#include <random>

#include "tests/support/case_text.hpp"

using namespace ansatz;

namespace {

constexpr unsigned seed = 20240117;

/// Places where one token of the text begins.
std::vector<std::pair<std::size_t, std::size_t>> tokens(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (std::isalnum(static_cast<unsigned char>(text[i])) && end < text.size() &&
           std::isalnum(static_cast<unsigned char>(text[end])))
      ++end;
    if (text[i] != ' ') out.emplace_back(i, end - i);
    i = end;
  }
  return out;
}

std::string mutated(std::string text, std::mt19937& random) {
  static const std::vector<std::string> spare{"1e999",
                                              "-1",
                                              "nan",
                                              "[",
                                              "]",
                                              "{",
                                              "}",
                                              "\"",
                                              "''",
                                              "true",
                                              "0x7fffffffffffffff",
                                              "=",
                                              ".",
                                              "\n",
                                              "free",
                                              "[[]]",
                                              "{}",
                                              "1979-05-27",
                                              "\"\\u0000\"",
                                              "99999999999999999999"};
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const auto count = 1 + below(3);
  for (std::size_t i = 0; i < count && !text.empty(); ++i) {
    const auto list = tokens(text);
    if (list.empty()) break;
    const auto [at, length] = list[below(list.size())];
    switch (below(6)) {
      case 0:
        text[below(text.size())] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.replace(at, length, spare[below(spare.size())]);
        break;
      case 3:
        text.insert(at, spare[below(spare.size())]);
        break;
      case 4:
        text.resize(at);
        break;
      default: {
        const auto [from, amount] = list[below(list.size())];
        text.insert(at, text.substr(from, amount));
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a damaged case either parses or is an Error, never anything else", "[case][fuzz]") {
  std::mt19937 random(seed);
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, {});
  registry.add_built_in("fake", "for tests", test::register_fake_physics);
  int parsed = 0, refused = 0, other = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto text = mutated(i % 4 == 0 ? test::small_case : test::full_case, random);
    try {
      const auto result = input::parse_case(text, "case.toml", {}, registry, comm);
      ++parsed;
      if (i % 10 == 0) CHECK_NOTHROW(input::parse_case(result.effective_toml, "case.toml", {}, registry, comm));
    } catch (const sdk::Error& error) {
      ++refused;
      const bool kind = error.kind() == sdk::ErrorKind::case_file || error.kind() == sdk::ErrorKind::plugin;
      if (!kind || std::string(error.what()).empty()) ++other;
    } catch (...) {
      ++other;
      WARN(text);
    }
  }
  CHECK(other == 0);
  CHECK(parsed > 100);
  CHECK(refused > 1000);
}

TEST_CASE("damaged overrides either parse or are an Error", "[case][fuzz]") {
  std::mt19937 random(seed + 1);
  const std::vector<std::string> valid{"solver.order=2", "parameters.k1=0.5", "physics.heat.boundary.0.on=[\"left\"]",
                                       "physics.heat.conductivity={ by_block = [1, 1], values = [1] }"};
  int other = 0;
  for (int i = 0; i < 500; ++i) {
    try {
      test::parse(test::full_case, {mutated(valid[i % valid.size()], random)});
    } catch (const sdk::Error&) {
    } catch (...) {
      ++other;
    }
  }
  CHECK(other == 0);
}
