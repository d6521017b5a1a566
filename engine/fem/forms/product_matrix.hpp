#pragma once
/// Matrices of inner products of Sobolev spaces on all fields of a form, whatever its equation.

#include <cstdint>
#include <span>

#include "engine/fem/assembly/form.hpp"

namespace ansatz::fem {

/// sum_c int (grad u_c . grad v_c + value u_c v_c) over all components c of all fields, on the pattern of the form;
/// rows and columns of constrained unknowns are left out, with 1 on their diagonal. Exact on affine cells.
/// \param value factor of the values [1/m^2]
/// \param matrix on form.sparsity(). *Collective.*
void product_matrix(const Form& form, double value, linear::SparseMatrix& matrix);

/// sum_c int (gradient grad u_c . grad v_c + value u_c v_c), otherwise as above.
/// \param left_out flags of unknowns with current ghosts, shape (num_local); empty on all ranks: none. *Collective.*
void product_matrix(const Form& form, double gradient, double value, std::span<const std::uint8_t> left_out,
                    linear::SparseMatrix& matrix);

/// The element matrices of that product, of all local cells, shape (dofs_per_cell, dofs_per_cell). Not collective.
void visit_product_matrices(const Form& form, double gradient, double value, const Form::ElementVisitor& visit);

/// The longest side of the bounding box of the mesh [m]. *Collective.*
double domain_size(const mesh::Mesh& mesh);

/// A component of a field, owned by no prescribed value on any rank: its constants are in the form's space. "" where
/// there is none, so that the semi-norm is a norm. *Collective.*
std::string unconstrained_component(const Form& form);

}  // namespace ansatz::fem
