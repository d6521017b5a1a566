#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <new>

#include "engine/reduced/basis/residual_norms.hpp"
#include "engine/reduced/interpolation/matrix_eim.hpp"
#include "engine/reduced/interpolation/point_fit.hpp"
#include "engine/reduced/limits/matrix_limits.hpp"
#include "tests/unit/allocation_count.hpp"

namespace {
thread_local std::size_t count = 0;
}

std::size_t ansatz::test::allocation_count() { return count; }

void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(size > 0 ? size : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace ansatz;
using namespace ansatz::reduced;

TEST_CASE("What is used online allocates nothing", "[reduced][eim]") {
  constexpr int n = 30;
  std::vector<std::int64_t> keys(n);
  for (int i = 0; i < n; ++i) keys[i] = i;
  Eim eim(base::Communicator(MPI_COMM_SELF), keys);
  eim.extend(tabulate(n, n,
                      [](int j, std::span<double> v) {
                        for (int i = 0; i < n; ++i) v[i] = 1.0 / (1.0 + i + j);
                      }),
             {.max_terms = 6});
  const OperatorEim A(eim, 5);
  const MatrixLimits limits([](std::span<const double> mu, std::span<double> theta) { theta[0] = mu[0]; }, 1,
                            [] {
                              Dense mu(1, 9);
                              for (int j = 0; j < 9; ++j) mu(0, j) = j;
                              return mu;
                            }(),
                            3);
  Dense table(4, 5), x(2, 20);
  for (int j = 0; j < 5; ++j) {
    for (int i = 0; i < 4; ++i) table(i, j) = std::sin(1.0 + i * j);
  }
  for (int j = 0; j < 20; ++j) {
    x(0, j) = std::cos(j);
    x(1, j) = std::sin(2.0 * j);
  }
  Dense upper(5, 5), more(6, 5);
  for (int j = 0; j < 5; ++j) {
    upper(j, j) = 2.0;
    for (int i = 0; i < 6; ++i) more(i, j) = std::cos(i * (j + 0.3));
  }
  const PointFit rectangular(table, upper), squares(more, upper);
  const ResidualBasis basis(table);
  const ResidualInterpolation e4(base::Communicator(MPI_COMM_SELF), x, [](int j) { return 1.0 + j; });
  std::vector<double> a(32, 0.25), b(32), c(32);
  const auto first = [](std::vector<double>& v, std::size_t size) { return std::span(v).first(size); };

  const std::size_t before = test::allocation_count();
  eim.online().interpolate(first(a, 6), first(b, 6));
  eim.online().weights(first(a, 6), first(b, 6));
  A.beta(first(a, 5), first(b, 5));
  A.remainder(first(b, 6));
  limits.weights(first(a, 1), first(b, limits.num_terms()), c);
  rectangular.weights(first(a, 4), first(b, 5), c);
  rectangular.coefficients(first(a, 4), first(b, 5), c);
  squares.weights(first(a, 6), first(b, 5), c);
  squares.coefficients(first(a, 6), first(b, 5), c);
  basis.norm(first(a, 4), c);
  e4.square(first(a, 2), c);
  CHECK(test::allocation_count() == before);

  const auto counted = std::make_unique<int>(1);
  CHECK(test::allocation_count() > before);
}
