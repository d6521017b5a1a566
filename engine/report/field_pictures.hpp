#pragma once
/// Pictures of the fields of a run.

#include <string>
#include <vector>

#include "ansatz/sdk/visual.hpp"
#include "engine/io/charts/chart.hpp"
#include "engine/report/raster.hpp"

namespace ansatz::report {

/// A picture as it stands in a report.
struct Picture {
  std::string title = {}, unit = {};
  std::string note = {};  ///< the view, and the part of space that is seen
  std::string png = {};   ///< the file
  int width = 0, height = 0;
  double low = 0.0, high = 0.0;  ///< of the field on the whole mesh, the ends of the colours
};

/// Fields of a step as pictures: plane meshes from above; solid ones from outside, and cut in the middle across their
/// shortest direction; intervals as charts. Vectors and tensors by their size. On any number of ranks the same.
class FieldPictures {
 public:
  explicit FieldPictures(base::Communicator comm) : comm_(std::move(comm)) {}

  /// The first 6 of the fields. *Collective.*
  /// \param in_time the title says the time
  void add(const sdk::VisualMesh& mesh, const std::vector<sdk::VisualField>& fields, double time, bool in_time);

  const std::vector<Picture>& pictures() const { return pictures_; }  ///< on rank 0
  const std::vector<io::Chart>& charts() const { return charts_; }    ///< on rank 0

 private:
  struct Box {
    double low[3], high[3];
    int dim;
    double extent(int d) const { return high[d] - low[d]; }
  };
  Box box_of(const sdk::VisualMesh& mesh) const;
  void add_line(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box, Picture about);
  void add_plane(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box, Picture about);
  void add_surface(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box, Picture about);
  void add_cut(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box, Picture about);
  void finish(Raster& raster, Picture about);

  base::Communicator comm_;
  std::vector<Picture> pictures_;
  std::vector<io::Chart> charts_;
};

}  // namespace ansatz::report
