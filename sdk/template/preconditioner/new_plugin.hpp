#pragma once
#include <ansatz/sdk/preconditioner.hpp>
#include <cmath>

/// Jacobi: z_i = r_i / |a_ii|; a 0 counts as 1.
class NewPlugin final : public ansatz::sdk::Preconditioner {
 public:
  ansatz::sdk::PreconditionerTraits traits() const override { return {.linear = true, .symmetric = true}; }

  void set_up(const ansatz::sdk::MatrixView& matrix) override {
    inverse_.resize(static_cast<std::size_t>(matrix.rows()));
    for (std::int32_t row = 0; row < matrix.rows(); ++row) {
      const double size = std::abs(matrix.diagonal(row));
      inverse_[row] = size == 0.0 ? 1.0 : 1.0 / size;
    }
  }

  void apply(std::span<const double> r, std::span<double> z) override {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = r[i] * inverse_[i];
  }

 private:
  std::vector<double> inverse_;
};
