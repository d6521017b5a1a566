#include "engine/base/fixed_point_sum.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "ansatz/sdk/random.hpp"

using namespace ansatz;

TEST_CASE("Sums in fixed point have the same bits however their terms lie on the ranks", "[base]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  sdk::Random random(3);
  std::vector<double> all(1000);
  for (auto& value : all) value = 1e5 * std::pow(random.uniform(), 9.0);
  const double sum = base::fixed_point_sum(self, all);
  CHECK(sum == Approx(std::accumulate(all.begin(), all.end(), 0.0)).epsilon(1e-14));
  std::vector<double> mine;  // one rank has more than the others, in another order
  for (std::size_t i = all.size(); i-- > 0;) {
    if (static_cast<int>(i % (comm.size() + 1)) % comm.size() == comm.rank()) mine.push_back(all[i]);
  }
  CHECK(base::fixed_point_sum(comm, mine) == sum);
  CHECK(base::fixed_point_sum(comm, {}) == 0.0);
  // Where nothing is lost the sum is exact.
  const std::vector<double> numbers{0.5, 3.0, 1e6, 0.125};
  CHECK(base::fixed_point_sum(self, numbers) == 1000003.625);
}
