#include "engine/io/charts/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/io/charts/csv.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {
namespace {

/// Type of texts of `width` bytes, UTF-8.
Handle texts_type(std::size_t width, const Hdf5Context& context) {
  Handle type = checked(H5Tcopy(H5T_C_S1), context, "cannot make a string type");
  check(H5Tset_size(type.get(), width), context, "cannot size a string type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), context, "cannot pad a string type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), context, "cannot encode a string type");
  return type;
}

/// Texts one after the other, each as long as the longest.
struct PackedTexts {
  std::size_t width = 1;
  std::string bytes;
};

PackedTexts packed(const std::vector<std::string>& texts) {
  PackedTexts out;
  for (const auto& text : texts) out.width = std::max(out.width, text.size());
  out.bytes.assign(out.width * texts.size(), '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(out.bytes.data() + i * out.width, out.width);
  return out;
}

/// Attribute that is a list of texts, of fixed length.
void write_texts(hid_t file, const std::string& object, const std::string& name, const std::vector<std::string>& texts,
                 const Hdf5Context& context) {
  const auto place = context.at(object);
  const auto [width, bytes] = packed(texts);
  const hsize_t count = texts.size();
  const Handle type = texts_type(width, place);
  const Handle space = checked(H5Screate_simple(1, &count, nullptr), place, "cannot make a dataspace");
  const Handle owner = checked(H5Oopen(file, object.c_str(), H5P_DEFAULT), place, "cannot open the object");
  const Handle attribute =
      checked(H5Acreate2(owner.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), place,
              "cannot create the attribute");
  check(H5Awrite(attribute.get(), type.get(), bytes.data()), place, "cannot write the attribute");
}

/// One text a row.
void write_text_rows(hid_t file, const std::string& object, const std::vector<std::string>& texts,
                     const Hdf5Context& context) {
  const auto place = context.at(object);
  const auto [width, bytes] = packed(texts);
  const hsize_t count = texts.size();
  const Handle type = texts_type(width, place);
  const Handle space = checked(H5Screate_simple(1, &count, nullptr), place, "cannot make a dataspace");
  const Handle data =
      checked(H5Dcreate2(file, object.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), place,
              "cannot create the array");
  check(H5Dwrite(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), place, "cannot write the array");
}

std::vector<std::string> read_text_rows(const std::string& path, const std::string& object, std::size_t count) {
  const Hdf5Context context{sdk::ErrorKind::state, path, object};
  const Handle file = checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), context, "cannot open the file");
  const Handle data = checked(H5Dopen2(file.get(), object.c_str(), H5P_DEFAULT), context, "cannot open the array");
  const Handle stored = checked(H5Dget_type(data.get()), context, "cannot read the array");
  const Handle space = checked(H5Dget_space(data.get()), context, "cannot read the array");
  const auto width = H5Tget_size(stored.get());
  if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) != 0 ||
      H5Sget_simple_extent_npoints(space.get()) != static_cast<hssize_t>(count)) {
    context.fail("it is not a list of texts of fixed length, one for each point");
  }
  std::string bytes(width * count, '\0');
  const Handle type = texts_type(width, context);
  if (count > 0)
    check(H5Dread(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), context,
          "cannot read the array");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const char* first = bytes.data() + i * width;
    texts.emplace_back(first, std::find(first, first + width, '\0'));
  }
  return texts;
}

std::vector<std::string> read_texts(const std::string& path, const std::string& object, const std::string& name) {
  const Hdf5Context context{sdk::ErrorKind::state, path, object};
  const Handle file = checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), context, "cannot open the file");
  const Handle owner = checked(H5Oopen(file.get(), object.c_str(), H5P_DEFAULT), context, "cannot open the object");
  const Handle attribute =
      checked(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), context, "cannot open the attribute");
  const Handle stored = checked(H5Aget_type(attribute.get()), context, "cannot read the attribute");
  const Handle space = checked(H5Aget_space(attribute.get()), context, "cannot read the attribute");
  const auto count = H5Sget_simple_extent_npoints(space.get());
  const auto width = H5Tget_size(stored.get());
  if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) != 0 || count < 0) {
    context.fail("the attribute " + name + " is not a list of texts of fixed length");
  }
  std::string bytes(width * static_cast<std::size_t>(count), '\0');
  const Handle type = texts_type(width, context);
  if (count > 0) check(H5Aread(attribute.get(), type.get(), bytes.data()), context, "cannot read the attribute");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const char* first = bytes.data() + i * width;
    texts.emplace_back(first, std::find(first, first + width, '\0'));
  }
  return texts;
}

/// The attributes of a file that are one number each.
std::map<std::string, double> read_facts(const InputFile& file) {
  const Hdf5Context context{sdk::ErrorKind::state, file.path(), "/"};
  const Handle opened =
      checked(H5Fopen(file.path().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), context, "cannot open the file");
  const auto add = [](hid_t id, const char* name, const H5A_info_t*, void* out) -> herr_t {
    const Handle attribute(H5Aopen(id, name, H5P_DEFAULT));
    if (!attribute) return -1;
    const Handle type(H5Aget_type(attribute.get())), space(H5Aget_space(attribute.get()));
    const bool is_number = H5Tget_class(type.get()) == H5T_FLOAT && H5Sget_simple_extent_npoints(space.get()) == 1;
    if (is_number) static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  std::vector<std::string> names;
  check(H5Aiterate2(opened.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names), context,
        "cannot list the attributes");
  std::map<std::string, double> facts;
  for (const auto& name : names) facts[name] = file.number_attribute("/", name);
  return facts;
}

}  // namespace

std::size_t SweepTable::num_problems() const {
  return static_cast<std::size_t>(std::ranges::count_if(problems, [](const auto& text) { return !text.empty(); }));
}

void write_sweep(const base::Communicator& comm, const std::string& path, const SweepTable& table) {
  OutputFile file(comm, path);
  const auto rows = [&](const std::string& name, const std::vector<double>& values, std::size_t columns) {
    file.rows<double>(name, comm.is_root() ? std::span<const double>(values) : std::span<const double>(),
                      static_cast<int>(columns));
  };
  const auto columns = [&](const std::string& name, const std::vector<double>& values, const Columns& of) {
    if (of.names.empty()) return;
    rows(name, values, of.names.size());
    file.add(4096 + 512 * of.names.size(), [name, of](hid_t id, const Hdf5Context& context) {
      write_texts(id, name, "names", of.names, context);
      write_texts(id, name, "units", of.units, context);
    });
  };
  columns("/parameters", table.parameter_values, table.parameters);
  columns("/quantities", table.quantity_values, table.quantities);
  if (!table.bounds.empty()) {
    columns("/bounds", table.bounds, table.quantities);
    file.attribute("/bounds", "kind", table.bound_kind);
  }
  if (!table.solution_bounds.empty()) {
    rows("/solution_bound", table.solution_bounds, 0);
    file.attribute("/solution_bound", "kind", table.bound_kind);
  }
  if (!table.amplifications.empty()) rows("/amplification", table.amplifications, 0);
  if (!table.held_out_values.empty()) {
    columns("/held_out_parameters", table.held_out_values, table.parameters);
    columns("/held_out_errors", table.held_out_errors, table.quantities.without_units());
  }
  rows("/seconds", table.seconds, 0);
  file.attribute("/seconds", "unit", "s");
  if (table.num_problems() > 0) {
    std::size_t bytes = 4096;
    for (const auto& text : table.problems) bytes = std::max(bytes, 4096 + text.size() * table.problems.size());
    file.add(bytes, [&table](hid_t id, const Hdf5Context& context) {
      write_text_rows(id, "/problems", table.problems, context);
    });
  }
  file.attribute("/", "title", table.title);
  file.attribute("/", "ansatz", table.ansatz);
  for (const auto& [name, value] : table.facts) file.attribute("/", name, value);
  file.commit();
}

bool is_sweep(const std::string& path) {
  const InputFile file(path);
  return file.has("/parameters") && file.has_attribute("/parameters", "names") && file.has("/seconds");
}

SweepTable read_sweep(const std::string& path) {
  const InputFile file(path);
  SweepTable table;
  table.title = file.text_attribute("/", "title");
  table.ansatz = file.text_attribute("/", "ansatz");
  const auto columns = [&](const std::string& name, std::vector<double>& values, Columns& of) {
    if (!file.has(name)) return;
    values = file.all<double>(name);
    of = {read_texts(path, name, "names"), read_texts(path, name, "units")};
  };
  columns("/parameters", table.parameter_values, table.parameters);
  columns("/quantities", table.quantity_values, table.quantities);
  if (file.has("/bounds")) table.bounds = file.all<double>("/bounds");
  if (file.has("/solution_bound")) {
    table.solution_bounds = file.all<double>("/solution_bound");
    table.bound_kind = file.text_attribute("/solution_bound", "kind");
  }
  if (file.has("/amplification")) table.amplifications = file.all<double>("/amplification");
  if (file.has("/held_out_errors")) {
    table.held_out_values = file.all<double>("/held_out_parameters");
    table.held_out_errors = file.all<double>("/held_out_errors");
    table.bound_kind = "estimate";
  }
  table.facts = read_facts(file);
  table.seconds = file.all<double>("/seconds");
  if (file.has("/problems")) table.problems = read_text_rows(path, "/problems", table.num_points());
  const auto fits = [&](const std::vector<double>& values, const Columns& of) {
    return of.units.size() == of.names.size() && values.size() == table.num_points() * of.names.size();
  };
  if (!fits(table.parameter_values, table.parameters) || !fits(table.quantity_values, table.quantities) ||
      !(table.bounds.empty() || fits(table.bounds, table.quantities)) ||
      !(table.amplifications.empty() || table.amplifications.size() == table.num_points())) {
    throw sdk::Error(sdk::ErrorKind::state, "the arrays of the sweep have different numbers of points", path,
                     "run the sweep again");
  }
  return table;
}

void write_sweep_csv(const base::Communicator& comm, const std::string& path, const SweepTable& table) {
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const auto label = [](const Columns& of, std::size_t i, const std::string& more) {
      return csv_label(of.names[i] + more, of.units[i]);
    };
    const std::size_t p = table.parameters.names.size(), q = table.quantities.names.size();
    std::vector<std::string> words;
    for (std::size_t i = 0; i < p; ++i) words.push_back(label(table.parameters, i, ""));
    for (std::size_t i = 0; i < q; ++i) words.push_back(label(table.quantities, i, ""));
    const std::string kind = " " + table.bound_kind;
    for (std::size_t i = 0; i < q && !table.bounds.empty(); ++i) words.push_back(label(table.quantities, i, kind));
    if (!table.solution_bounds.empty()) words.push_back(csv_field("solution" + kind));
    if (!table.amplifications.empty()) words.emplace_back("amplification");
    words.push_back(csv_label("seconds", "s"));
    const bool has_problems = table.num_problems() > 0;
    if (has_problems) words.emplace_back("problem");
    std::string text = csv_line(words);
    for (std::size_t n = 0; n < table.num_points(); ++n) {
      words.clear();
      const auto add = [&](const std::vector<double>& values, std::size_t columns) {
        for (std::size_t i = 0; i < columns && !values.empty(); ++i)
          words.push_back(csv_number(values[n * columns + i]));
      };
      add(table.parameter_values, p);
      add(table.quantity_values, q);
      add(table.bounds, q);
      add(table.solution_bounds, 1);
      add(table.amplifications, 1);
      add(table.seconds, 1);
      if (has_problems) words.push_back(csv_field(table.problems[n]));
      text += csv_line(words);
    }
    write_text_file(path, text);
  });
}

}  // namespace ansatz::io
