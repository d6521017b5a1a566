#include "engine/io/hdf5/foreign_arrays.hpp"

namespace ansatz::io {
namespace {

constexpr std::int64_t text_limit = std::int64_t{1} << 30;  // bytes

Handle open(const Hdf5Context& context) {
  silence_hdf5();
  return checked(H5Fopen(context.file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), context, "cannot open the file");
}

}  // namespace

std::vector<double> read_block(const InputFile& file, const std::string& dataset, std::span<const std::int64_t> first,
                               std::span<const std::int64_t> count) {
  const Hdf5Context place{sdk::ErrorKind::state, file.path(), dataset};
  const auto extents = file.shape(dataset);
  if (extents.empty() || extents.size() != first.size() || extents.size() != count.size()) {
    place.fail("is not an array of rank " + std::to_string(first.size()));
  }
  std::size_t total = 1;
  for (std::size_t k = 0; k < extents.size(); ++k) {
    if (first[k] < 0 || count[k] < 0 || first[k] > extents[k] - count[k])
      place.fail("does not have the requested rows");
    total *= static_cast<std::size_t>(count[k]);
  }
  const Handle opened = open(place);
  const Handle handle = checked(H5Dopen2(opened.get(), dataset.c_str(), H5P_DEFAULT), place, "cannot open the dataset");
  const Handle type = checked(H5Dget_type(handle.get()), place, "cannot read the type");
  const auto kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) place.fail("does not hold numbers");
  std::vector<double> values(total);
  if (values.empty()) return values;
  const Handle space = checked(H5Dget_space(handle.get()), place, "cannot read the shape");
  const std::vector<hsize_t> start(first.begin(), first.end()), size(count.begin(), count.end());
  check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), place,
        "cannot select rows");
  const Handle memory = checked(H5Screate_simple(static_cast<int>(extents.size()), size.data(), nullptr), place,
                                "cannot make a dataspace");
  check(H5Dread(handle.get(), memory_type<double>(), memory.get(), space.get(), H5P_DEFAULT, values.data()), place,
        "cannot read the values");
  return values;
}

std::vector<std::string> read_texts(const InputFile& file, const std::string& object, const std::string& name) {
  const Hdf5Context place{sdk::ErrorKind::state, file.path(), object};
  if (!file.has_attribute(object, name)) {
    throw sdk::Error(sdk::ErrorKind::state, "the attribute \"" + name + "\" does not exist", place.file + ":" + object);
  }
  const Handle opened = open(place);
  const Handle attribute =
      checked(H5Aopen_by_name(opened.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), place,
              "cannot open an attribute");
  const Handle type = checked(H5Aget_type(attribute.get()), place, "cannot read an attribute's type");
  const Handle space = checked(H5Aget_space(attribute.get()), place, "cannot read an attribute's shape");
  const auto count = H5Sget_simple_extent_npoints(space.get());
  const auto size = static_cast<std::int64_t>(H5Tget_size(type.get()));
  if (H5Tget_class(type.get()) != H5T_STRING || count < 0 || size < 1 || count > text_limit / size) {
    place.fail("the attribute \"" + name + "\" does not hold texts");
  }
  std::vector<std::string> texts;
  if (count == 0) return texts;
  if (H5Tis_variable_str(type.get()) > 0) {
    std::vector<char*> values(count, nullptr);
    check(H5Aread(attribute.get(), type.get(), values.data()), place, "cannot read an attribute");
    for (const char* value : values) texts.emplace_back(value == nullptr ? "" : value);
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, values.data());
    return texts;
  }
  std::string all(static_cast<std::size_t>(size * count), '\0');
  check(H5Aread(attribute.get(), type.get(), all.data()), place, "cannot read an attribute");
  for (std::int64_t i = 0; i < count; ++i) {
    const auto text = all.substr(i * size, size);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

}  // namespace ansatz::io
