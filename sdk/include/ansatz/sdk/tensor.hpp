#pragma once
/// Small vectors and matrices over any scalar, and references to them inside kernel arrays.

#include <array>
#include <type_traits>

namespace ansatz::sdk {

template <class S, int dim>
struct Vec {
  std::array<S, dim> v;

  static Vec zero() {
    Vec r;
    r.v.fill(S(0.0));
    return r;
  }
  S& operator[](int i) { return v[i]; }
  const S& operator[](int i) const { return v[i]; }

  friend Vec operator+(const Vec& a, const Vec& b) {
    Vec r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] + b[i];
    return r;
  }
  friend Vec operator-(const Vec& a, const Vec& b) {
    Vec r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] - b[i];
    return r;
  }
  friend Vec operator-(const Vec& a) {
    Vec r;
    for (int i = 0; i < dim; ++i) r[i] = -a[i];
    return r;
  }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Vec operator*(const T& a, const Vec& b) {
    Vec r;
    for (int i = 0; i < dim; ++i) r[i] = a * b[i];
    return r;
  }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Vec operator*(const Vec& a, const T& b) { return b * a; }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Vec operator/(const Vec& a, const T& b) {
    Vec r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] / b;
    return r;
  }
  Vec& operator+=(const Vec& b) { return *this = *this + b; }
  Vec& operator-=(const Vec& b) { return *this = *this - b; }
  template <class T>
  requires std::is_convertible_v<T, S> Vec& operator*=(const T& b) { return *this = *this * b; }
  template <class T>
  requires std::is_convertible_v<T, S> Vec& operator/=(const T& b) { return *this = *this / b; }
};

/// Row-major: of a vector field's gradient, m[i][j] = d u_i / d x_j.
template <class S, int dim>
struct Mat {
  std::array<Vec<S, dim>, dim> rows;

  static Mat zero() {
    Mat r;
    r.rows.fill(Vec<S, dim>::zero());
    return r;
  }
  static Mat identity() {
    Mat r = zero();
    for (int i = 0; i < dim; ++i) r[i][i] = S(1.0);
    return r;
  }
  Vec<S, dim>& operator[](int i) { return rows[i]; }
  const Vec<S, dim>& operator[](int i) const { return rows[i]; }

  friend Mat operator+(const Mat& a, const Mat& b) {
    Mat r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] + b[i];
    return r;
  }
  friend Mat operator-(const Mat& a, const Mat& b) {
    Mat r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] - b[i];
    return r;
  }
  friend Mat operator-(const Mat& a) {
    Mat r;
    for (int i = 0; i < dim; ++i) r[i] = -a[i];
    return r;
  }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Mat operator*(const T& a, const Mat& b) {
    Mat r;
    for (int i = 0; i < dim; ++i) r[i] = a * b[i];
    return r;
  }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Mat operator*(const Mat& a, const T& b) { return b * a; }
  template <class T>
  requires std::is_convertible_v<T, S>
  friend Mat operator/(const Mat& a, const T& b) {
    Mat r;
    for (int i = 0; i < dim; ++i) r[i] = a[i] / b;
    return r;
  }
  /// sum_k a_ik b_kj.
  friend Mat operator*(const Mat& a, const Mat& b) {
    Mat r;
    for (int i = 0; i < dim; ++i) {
      r[i] = a[i][0] * b[0];
      for (int k = 1; k < dim; ++k) r[i] += a[i][k] * b[k];
    }
    return r;
  }
  Mat& operator+=(const Mat& b) { return *this = *this + b; }
  Mat& operator-=(const Mat& b) { return *this = *this - b; }
  template <class T>
  requires std::is_convertible_v<T, S> Mat& operator*=(const T& b) { return *this = *this * b; }
  template <class T>
  requires std::is_convertible_v<T, S> Mat& operator/=(const T& b) { return *this = *this / b; }
  friend Vec<S, dim> operator*(const Mat& a, const Vec<S, dim>& b) {
    Vec<S, dim> r;
    for (int i = 0; i < dim; ++i) r[i] = dot(a[i], b);
    return r;
  }
};

template <class S, int dim>
S dot(const Vec<S, dim>& a, const Vec<S, dim>& b) {
  S r = a[0] * b[0];
  for (int i = 1; i < dim; ++i) r = r + a[i] * b[i];
  return r;
}

/// |a|, differentiable where a = 0.
template <class S, int dim>
S length(const Vec<S, dim>& a) {
  return sqrt(dot(a, a) + 1e-300);
}

template <class S, int dim>
S trace(const Mat<S, dim>& a) {
  S r = a[0][0];
  for (int i = 1; i < dim; ++i) r = r + a[i][i];
  return r;
}

template <class S, int dim>
Mat<S, dim> transpose(const Mat<S, dim>& a) {
  Mat<S, dim> r;
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) r[i][j] = a[j][i];
  }
  return r;
}

/// Double contraction, sum_ij a_ij b_ij.
template <class S, int dim>
S double_dot(const Mat<S, dim>& a, const Mat<S, dim>& b) {
  S r = dot(a[0], b[0]);
  for (int i = 1; i < dim; ++i) r = r + dot(a[i], b[i]);
  return r;
}

namespace detail {
/// Of rows i and columns j, both modulo 3: the entry (j, i) of the inverse times the determinant, in 3-D.
template <class S>
S cofactor(const Mat<S, 3>& a, int i, int j) {
  const int i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;
  return a[i1][j1] * a[i2][j2] - a[i1][j2] * a[i2][j1];
}
}  // namespace detail

/// Determinant.
template <class S, int dim>
S det(const Mat<S, dim>& a) {
  static_assert(dim >= 1 && dim <= 3, "matrices have 1, 2 or 3 rows");
  if constexpr (dim == 1) {
    return a[0][0];
  } else if constexpr (dim == 2) {
    return a[0][0] * a[1][1] - a[0][1] * a[1][0];
  } else {
    return a[0][0] * detail::cofactor(a, 0, 0) + a[0][1] * detail::cofactor(a, 0, 1) +
           a[0][2] * detail::cofactor(a, 0, 2);
  }
}

/// Inverse; not finite where the determinant is 0.
template <class S, int dim>
Mat<S, dim> inverse(const Mat<S, dim>& a) {
  const S scale = 1.0 / det(a);
  Mat<S, dim> r;
  if constexpr (dim == 1) {
    r[0][0] = scale;
  } else if constexpr (dim == 2) {
    r[0][0] = a[1][1] * scale;
    r[0][1] = -(a[0][1] * scale);
    r[1][0] = -(a[1][0] * scale);
    r[1][1] = a[0][0] * scale;
  } else {
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) r[i][j] = detail::cofactor(a, j, i) * scale;
    }
  }
  return r;
}

/// a_i b_j.
template <class S, int dim>
Mat<S, dim> outer(const Vec<S, dim>& a, const Vec<S, dim>& b) {
  Mat<S, dim> r;
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) r[i][j] = a[i] * b[j];
  }
  return r;
}

/// (a + a^T) / 2.
template <class S, int dim>
Mat<S, dim> symmetric(const Mat<S, dim>& a) {
  Mat<S, dim> r;
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) r[i][j] = 0.5 * (a[i][j] + a[j][i]);
  }
  return r;
}

/// Writable view of dim consecutive scalars of a kernel array.
template <class S, int dim>
struct VecRef {
  S* p;

  VecRef(S* at) : p(at) {}  // NOLINT
  VecRef(const VecRef&) = default;
  S& operator[](int i) const { return p[i]; }
  const VecRef& operator=(const Vec<S, dim>& b) const {
    for (int i = 0; i < dim; ++i) p[i] = b[i];
    return *this;
  }
  VecRef& operator=(const VecRef&) = delete;
  const VecRef& operator+=(const Vec<S, dim>& b) const {
    for (int i = 0; i < dim; ++i) p[i] = p[i] + b[i];
    return *this;
  }
  const VecRef& operator-=(const Vec<S, dim>& b) const { return *this += -b; }
};

/// Writable view of dim x dim consecutive scalars, row-major.
template <class S, int dim>
struct MatRef {
  S* p;

  MatRef(S* at) : p(at) {}  // NOLINT
  MatRef(const MatRef&) = default;
  VecRef<S, dim> operator[](int i) const { return VecRef<S, dim>(p + i * dim); }
  const MatRef& operator=(const Mat<S, dim>& b) const {
    for (int i = 0; i < dim; ++i) (*this)[i] = b[i];
    return *this;
  }
  MatRef& operator=(const MatRef&) = delete;
  const MatRef& operator+=(const Mat<S, dim>& b) const {
    for (int i = 0; i < dim; ++i) (*this)[i] += b[i];
    return *this;
  }
  const MatRef& operator-=(const Mat<S, dim>& b) const { return *this += -b; }
};

}  // namespace ansatz::sdk
