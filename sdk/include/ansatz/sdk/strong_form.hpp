#pragma once
/// The equations of a physics at points, with derivatives: what solvers in the strong form (collocation, networks)
/// need.

#include <span>

#include "ansatz/sdk/sites.hpp"

namespace ansatz::sdk {

/// R(jets; x, t, mu) of one site:
///   volume     R_c = f0_c - div f1_c
///   boundary   R_c = u_c - g_c where a value is prescribed, else f1_c . n + (boundary terms)_c
///   interface  R_c = (f1_c of `region` - f1_c of `other_region`) . n; that u itself is continuous is a row of its own
/// with the same kernels that finite elements are assembled from. A jet holds u, du/dt, grad u and second derivatives
/// (jet_all) of each component; at interfaces of both sides.
///
///   StrongForm form(physics, site, dim);
///   form.residual(points, {.times = t, .parameters = mu}, jets, R);
///
/// Const, thread-safe, not collective. Physics and the expressions of the site must outlive it. Values that are not
/// finite are handed on.
class StrongForm {
 public:
  /// Times and parameters: one of each for all points, or one a point.
  struct At {
    std::span<const double> times;            ///< (1) or (n) [s]
    std::span<const double> parameters = {};  ///< (num_parameters) or (n, num_parameters)
  };

  /// \throws Error of kind case_file where there is no strong form: fluxes that depend on rates, boundary terms that
  /// test gradients
  /// \param num_parameters of the case, those that expressions refer to
  StrongForm(const Physics& physics, Site site, int dim, int num_parameters = 0);

  /// Then there is no strong form: the divergence of f1 would need grad du/dt.
  static bool fluxes_have_rates(const FormStructure& structure, int dim);

  int rows() const { return components_; }                                       ///< of R at a point
  int sides() const { return site_.kind == Site::Kind::interface ? 2 : 1; }      ///< of jets at a point
  int width() const { return sides() * components_ * jet_size(dim_, jet_all); }  ///< of the jets of a point
  const Site& site() const { return site_; }

  /// \param jets shape (n, sides(), components, jet_size)
  /// \param R shape (n, rows())
  /// \throws Error of kind case_file, with coefficient, position and time, for a coefficient that is out of its range
  void residual(const PointSet& points, const At& at, std::span<const double> jets, std::span<double> R) const;
  /// out = dR/d(jets) v.
  /// \param v shape of the jets
  /// \param out shape of R
  void push_forward(const PointSet& points, const At& at, std::span<const double> jets, std::span<const double> v,
                    std::span<double> out) const;
  /// out = w^T dR/d(jets).
  /// \param w shape of R
  /// \param out shape of the jets
  void pull_back(const PointSet& points, const At& at, std::span<const double> jets, std::span<const double> w,
                 std::span<double> out) const;
  /// dR/d(jets) itself.
  /// \param out shape (n, rows(), width())
  void derivative(const PointSet& points, const At& at, std::span<const double> jets, std::span<double> out) const;
  /// dR/d(parameter) at fixed jets.
  /// \param parameter number of it in the case
  /// \param dR shape of R
  void parameter_derivative(const PointSet& points, const At& at, std::span<const double> jets, int parameter,
                            std::span<double> dR) const;

 private:
  class Block;
  template <class Work>
  void for_blocks(const PointSet& points, const At& at, std::span<const double> jets, Work work) const;
  void evaluate(Block& block) const;
  void differentiate(Block& block) const;
  void differentiate(Block& block, int parameter) const;
  void add_normal_fluxes(Block& block, double sign) const;
  void throw_fault(const CoefficientFault& fault, const Block& block) const;

  const Physics* physics_;
  const PointKernels* kernels_;
  Site site_;
  int dim_, components_, num_parameters_;
  bool transient_ = false;  ///< R depends on du/dt
};

}  // namespace ansatz::sdk
