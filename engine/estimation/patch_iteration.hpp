#pragma once
/// A few steps of Krylov methods, for errors of which two digits are enough.

#include <functional>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::estimation {

/// y = A x on owned unknowns.
using Apply = std::function<void(std::span<const double> x, std::span<double> y)>;

struct IterationResult {
  int iterations = 0;
  double energy = 0.0;     ///< conjugate gradients: x^T A x of what was added
  double remainder = 0.0;  ///< share of the error that is left, as far as the method tells: of the energy's root, or of
                           ///< the residual
};

struct IterationOptions {
  double tolerance = 0.01;  ///< of the remainder
  int max_iterations = 60;
};

/// Conjugate gradients from x; stops where the energy that the last four steps added is below tolerance^2 of all.
/// (M. Hestenes, E. Stiefel 1952; Z. Strakoš, P. Tichý, ETNA 13 (2002): that is a lower bound of what is left before
/// them.) \throws sdk::Error of kind solver where A or B is not positive. *Collective.*
IterationResult conjugate_gradients(const base::Communicator& comm, const Apply& A, const Apply& B,
                                    std::span<const double> b, std::span<double> x, IterationOptions options = {});

/// GMRES with restarts after 30, preconditioned from the right, in the norm with these weights; stops at tolerance.
/// \param weights of squares of residuals, (num_owned), for instance one over the diagonal, so that no units are added.
/// *Collective.*
IterationResult gmres(const base::Communicator& comm, const Apply& A, const Apply& B, std::span<const double> weights,
                      std::span<const double> b, std::span<double> x, IterationOptions options = {});

}  // namespace ansatz::estimation
