#include <fmt/format.h>

#include <map>
#include <sstream>

#include "ansatz/sdk/random.hpp"
#include "engine/app/info_parts.hpp"
#include "engine/app/show.hpp"
#include "engine/io/hdf5/hdf5.hpp"
#include "engine/io/state/record_file.hpp"
#include "engine/reduced/in_time/parabolic_model.hpp"
#include "engine/reduced/storage/model_file.hpp"

namespace ansatz::app {
namespace {

using reduced::Thetas;

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = sdk::golden;
  for (const unsigned char c : text) hash = sdk::mixed(hash ^ c);
  return hash;
}

std::string text_of(const Thetas& thetas, int term) {
  const auto [first, second] = thetas.terms()[term];
  if (first == -1) return thetas.text(second);
  return thetas.text(first) + (second == -1 ? "" : " * " + thetas.text(second));
}

void print_terms(const char* name, const Thetas& thetas) {
  show("  {:<16} {}\n", name, thetas.num_terms());
  for (int q = 0; q < thetas.num_terms(); ++q) show("    {:>3}  {}\n", q, text_of(thetas, q));
}

/// The lines of [mesh], and that of its checksum.
void print_mesh(const std::string& fingerprint) {
  std::istringstream lines(fingerprint);
  bool inside = false;
  show("mesh\n");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("[")) inside = line == "[mesh]";
    if ((inside && !line.empty() && line != "[mesh]") || line.starts_with("# mesh")) {
      show("  {}\n", line.starts_with("# ") ? line.substr(2) : line);
    }
  }
}

/// What the model was trained with; older ones do not say.
void print_training(const std::string& settings) {
  if (settings.empty()) return;
  show("training\n");
  std::istringstream lines(settings);
  for (std::string line; std::getline(lines, line);) show("  {}\n", line);
}

void print_vectors(const io::InputFile& file) {
  for (const auto& field : file.names("/vectors")) {
    const auto values = "/vectors/" + field + "/values";
    if (!file.has(values)) continue;
    const auto shape = file.shape(values);
    show("  {:<16} {} nodes, {} numbers each\n", field, shape.at(0), shape.at(1));
  }
}

void print_output(const reduced::OutputData& output, const reduced::ReducedModelData& model) {
  const auto unit = output.unit.empty() ? "" : " [" + output.unit + "]";
  show("  {}{}: {}\n", output.name, unit, output.definition);
  if (!output.refusal.empty()) {
    show("    no bound: {}\n", output.refusal);
    return;
  }
  const reduced::OutputModel online(output, model);
  std::string terms;
  for (int j = 0; j < output.thetas.num_terms(); ++j) terms += (j == 0 ? "" : ", ") + text_of(output.thetas, j);
  show("    {} bound; factors: {}\n", name_of(online.kind()), terms);
  if (output.dual) show("    dual basis of {} functions\n", output.dual->model.size);
}

void print_time(const reduced::TimeData& time, const reduced::ReducedModelData& model) {
  print_terms("mass", model.rates.mass_thetas);
  print_terms("initial values", time.initial_thetas);
  show("time\n  {} steps of {:.6g} s from {:.6g} s by {}\n", time.grid.steps, time.grid.step, time.grid.start,
       time.grid.method);
}

void print_interpolations(const reduced::ReducedModelData& model) {
  std::map<std::string, const reduced::InterpolatedFunction*> functions;
  for (const auto* thetas : {&model.operator_thetas, &model.rhs_thetas, &model.lifting_thetas}) {
    for (const auto& function : thetas->interpolations()) functions[function->text] = function.get();
  }
  if (!functions.empty()) show("interpolations\n");
  for (const auto& [text, function] : functions) {
    const auto points = function->fits ? fmt::format(" at {} and {} points,", function->num_points_of_terms(),
                                                     function->num_points() - function->num_points_of_terms())
                                       : "";
    show("  \"{}\": {} terms and {} further ones,{} remainder {:.1e} of its size\n", text, function->terms,
         function->size() - function->terms, points, function->remainder);
  }
}

}  // namespace

bool is_model_file(const std::string& path) { return io::InputFile(path).has("/model"); }

/// A model of an ansatz of a plugin: what it holds, by name.
void print_record(const std::string& path, const base::Communicator& comm) {
  const auto stored = io::read_record_without_vectors(comm, path);
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const io::InputFile file(path);
    show("{}\n  {:<16} of the ansatz {}\n  {:<16} {:016x}\n", path, "model", stored.ansatz, "fingerprint",
         hash_of(stored.fingerprint));
    for (const auto& [name, text] : stored.record.attributes) show("  {:<16} {}\n", name, text);
    for (const auto& [name, array] : stored.record.arrays) {
      if (array.values.size() == 1) {
        show("  {:<16} {:.9g}\n", name, array.values[0]);
      } else {
        show("  {:<16} array ({})\n", name, fmt::join(array.shape, ", "));
      }
    }
    for (const auto& [name, vectors] : stored.record.vectors) show("  {:<16} {} vectors\n", name, vectors.size());
    show("fingerprint\n");
    std::istringstream lines(stored.fingerprint);
    for (std::string line; std::getline(lines, line);) show("  {}\n", line);
  });
}

void print_model(const std::string& path, const base::Communicator& comm) {
  bool is_record = false;
  base::agree(comm, [&] { is_record = io::is_record(path); });
  if (is_record) return print_record(path, comm);
  const auto stored = io::read_model(comm, path);
  const auto& model = stored.data;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const io::InputFile file(path);
    show("{}\n  {:<16} {}\n  {:<16} {} functions\n  {:<16} {:016x}\n", path, "model",
         file.text_attribute("/model", "kind"), "size", model.size, "fingerprint", hash_of(stored.fingerprint));
    print_vectors(file);
    if (stored.time) {
      const auto& grid = stored.time->grid;
      show("  {:<16} {} steps of {:.6g} s from {:.6g} s\n", "time", grid.steps, grid.step, grid.start);
    }
    show("  {:<16} {}\n", model.stability.quantity(), model.stability.name());
    if (const auto count = model.stability.data().eigenvalues.size()) show("  {:<16} {}\n", "constants", count);
    show("parameters\n");
    for (std::size_t p = 0; p < model.box.size(); ++p) {
      show("  {}: {:.6g} to {:.6g}, reference {:.6g}\n", model.box[p].name, model.box[p].low, model.box[p].high,
           model.reference.at(p));
    }
    show("terms\n");
    print_terms("operator", model.operator_thetas);
    print_terms("right-hand side", model.rhs_thetas);
    print_terms("liftings", model.lifting_thetas);
    if (stored.time) print_time(*stored.time, model);
    print_interpolations(model);
    if (!stored.outputs.empty()) show("outputs\n");
    for (const auto& output : stored.outputs) print_output(output, model);
    print_training(stored.training);
    print_mesh(stored.fingerprint);
  });
}

}  // namespace ansatz::app
