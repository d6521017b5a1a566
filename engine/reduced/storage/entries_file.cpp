#include "engine/reduced/storage/entries_file.hpp"

#include <array>

namespace ansatz::io {
namespace {

constexpr std::array objects{reduced::EntriesOf::matrix, reduced::EntriesOf::load, reduced::EntriesOf::prescribed};
static_assert(sizeof(reduced::EntryPlace) == 4 * sizeof(std::int64_t));

}  // namespace

void add_entries(OutputFile& file, bool is_root, const std::string& group, const reduced::PatchEntries& entries) {
  file.group(group);
  file.attribute(group, "of", text(entries.object()));
  file.attribute(group, "size", std::vector<std::int64_t>{entries.size()});
  const auto& places = entries.places();
  const std::span flat(reinterpret_cast<const std::int64_t*>(places.data()), 4 * places.size());
  const auto here = [&](auto values) { return is_root ? values : decltype(values){}; };
  file.rows<std::int64_t>(group + "/places", here(flat), 4);
  file.rows<std::int64_t>(group + "/integers", here(std::span(entries.patch().integers)));
  file.rows<double>(group + "/reals", here(std::span(entries.patch().reals)));
}

std::shared_ptr<const reduced::PatchEntries> read_entries(const InputFile& file, const std::string& group,
                                                          std::shared_ptr<const fem::PatchSetting> setting) {
  if (!file.has(group)) return nullptr;
  const auto of = file.text_attribute(group, "of");
  for (const auto object : objects) {
    if (of != text(object)) continue;
    const auto flat = file.all<std::int64_t>(group + "/places");
    std::vector<reduced::EntryPlace> places;
    for (std::size_t k = 0; k + 3 < flat.size(); k += 4)
      places.push_back({flat[k], flat[k + 1], flat[k + 2], flat[k + 3]});
    return std::make_shared<const reduced::PatchEntries>(
        object, static_cast<int>(file.integer_attribute(group, "size").at(0)),
        fem::Patch{file.all<std::int64_t>(group + "/integers"), file.all<double>(group + "/reals")}, std::move(places),
        std::move(setting));
  }
  throw sdk::Error(sdk::ErrorKind::state, "the model has entries of an unknown kind: " + of, file.path(),
                   "train the model again");
}

}  // namespace ansatz::io
