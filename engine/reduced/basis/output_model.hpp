#pragma once
/// Outputs of a reduced model at work: values with error bounds, the same on every rank, without communication.

#include <memory>
#include <optional>
#include <string>

#include "engine/reduced/basis/reduced_model.hpp"

namespace ansatz::reduced {

/// A dual basis psi_1 ... psi_M of an output: solutions of A(mu)^T psi = -l(mu) on free unknowns.
struct DualData {
  /// Its own model: the factors of the operators are those of the primal model, the right-hand side is -l.
  ReducedModelData model;
  std::vector<Dense> operators;            ///< (num operator terms) of shape (M, N): psi_j^T A_q v_i
  Dense rhs;                               ///< (M, num rhs terms): psi_j^T f_q
  std::vector<double> operator_round_off;  ///< of these numbers, for each term the largest
  std::vector<double> rhs_round_off;
};

/// One output s(u; mu) = sum_j t_j (l_j . u + s_j) of a model, u = sum_i c_i v_i + sum_k g_k L_k. Everything is
/// replicated.
struct OutputData {
  std::string name;
  std::string unit = {};
  std::string definition = {};    ///< of the quantity, to tell it from another of the same name
  std::string refusal = {};       ///< why there is no bound; all that follows is empty then
  Thetas thetas;                  ///< t_j
  std::vector<double> constants;  ///< s_j
  Dense basis;                    ///< (num_terms, N): l_j . v_i
  Dense liftings;                 ///< (num_terms, num liftings): l_j . L_k
  Dense lifting_sizes;            ///< the same of the absolute values
  std::vector<double> round_off;  ///< of `basis`, for each term the largest
  Dense representatives;  ///< (rank, num_terms): the free parts of the l_j, represented in X, in an orthonormal basis
  double riesz_level = 0.0;  ///< relative accuracy of these
  /// Compliant: l = c f on free unknowns for all parameters, up to a difference with the dual norm sum_j |t_j|
  /// defects_j.
  std::optional<double> compliance;
  std::vector<double> defects;  ///< (num_terms)
  std::shared_ptr<const DualData> dual;
};

/// Where the bound of an output comes from.
enum class OutputBound { simple, compliant, dual };
/// "simple", "compliant" or "dual".
std::string name_of(OutputBound kind);

/// Evaluates one output after its model.
///
/// With r = f - A u_N the residual of the reduced solution (that of the model, with its round-off) and alpha the
/// coercivity:
///   simple:    |s - s(u_N)| <= |l|_X' |r|_X' / alpha;
///   compliant: |s - s(u_N)| <= |c| |r|_X'^2 / alpha, since l(e) = c e^T A e by A = A^T and r(u_N) = 0;
///   dual:      s_N = s(u_N) - r(psi_N), as A^T psi = -l gives s - s(u_N) = l(e) = -psi^T A e = -r(psi), so that
///              |s - s_N| = |r_du(e)| <= |r|_X' |r_du|_X' / alpha with r_du = -l - A^T psi_N.
/// The least of the simple bound and the one of the output's kind holds with the value that belongs to it. Prescribed
/// values are part of f, of l . L_k and of nothing else: e is zero there. Where anything is interpolated the norms of
/// what that changes (ReducedModel::Result) are added to both residuals, and what it changes in r(psi_N) and the
/// liftings to the sum: an estimate then.
class OutputModel {
 public:
  /// \param primal what it is an output of, with which it shares parameters \throws sdk::Error of kind state where the
  /// shapes do not fit
  OutputModel(OutputData data, const ReducedModelData& primal);

  const OutputData& data() const { return data_; }
  OutputBound kind() const { return kind_; }
  /// As ReducedModel::allow_outside().
  void allow_outside(int parameter) {
    if (dual_) dual_->allow_outside(parameter);
  }

  class Workspace {
   public:
    explicit Workspace(const OutputModel& output);

   private:
    friend class OutputModel;
    std::vector<double> scratch_, t_, l_;
    std::optional<ReducedModel::Workspace> dual_;
  };

  struct Result {
    double value = 0.0;
    double bound = 0.0;        ///< of the difference to the finite-element solution's value; infinite where unknown
    bool is_estimate = false;  ///< as ReducedModel::Result::is_estimate
    double simple_bound = 0.0;
    double correction = 0.0;     ///< -r(psi_N)
    double round_off = 0.0;      ///< of the value, in `bound`
    double dual_residual = 0.0;  ///< |r_du|_X'
  };

  /// \param result,primal of the model at the same parameters, which must not have solved for others since
  /// \param num_dual vectors of the dual basis to use (-1: all). Allocates nothing. Not collective.
  Result evaluate(std::span<const double> mu, const ReducedModel::Result& result, const ReducedModel::Workspace& primal,
                  Workspace& work, int num_dual = -1) const;

 private:
  double functional_norm(Workspace& work) const;
  void correct(std::span<const double> mu, const ReducedModel::Result& result, const ReducedModel::Workspace& primal,
               Workspace& work, int num_dual, double change, Result& out) const;

  OutputData data_;
  OutputBound kind_ = OutputBound::simple;
  std::optional<ReducedModel> dual_;
};

}  // namespace ansatz::reduced
