#include "engine/io/hdf5/hdf5.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace ansatz::io {
namespace {

constexpr std::int64_t text_limit = std::int64_t{1} << 30;

herr_t keep_deepest(unsigned, const H5E_error2_t* entry, void* out) {
  if (entry->desc != nullptr) *static_cast<std::string*>(out) = entry->desc;
  return 0;
}

/// The deepest message of HDF5's error stack, without the addresses that follow a comma or a colon.
std::string hdf5_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_deepest, &reason);
  return reason.substr(0, reason.find(": time"));
}

Handle string_type(const std::string& text, const Hdf5Context& context) {
  Handle type = checked(H5Tcopy(H5T_C_S1), context, "cannot make a string type");
  check(H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1)), context, "cannot size a string type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), context, "cannot pad a string type");
  const bool ascii = std::ranges::all_of(text, [](unsigned char c) { return c < 128; });
  check(H5Tset_cset(type.get(), ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8), context, "cannot encode a string type");
  return type;
}

std::string padded(const std::string& text) { return text.empty() ? std::string(1, '\0') : text; }

void write_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type, hid_t space,
                     const void* data, const Hdf5Context& context) {
  const auto place = context.at(object);
  const Handle owner = checked(H5Oopen(file, object.c_str(), H5P_DEFAULT), place, "cannot open the object");
  Handle attribute;
  if (H5Aexists(owner.get(), name.c_str()) > 0) {
    attribute = checked(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), place, "cannot open an attribute");
  } else {
    attribute = checked(H5Acreate2(owner.get(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), place,
                        "cannot create an attribute");
  }
  check(H5Awrite(attribute.get(), type, data), place, "cannot write an attribute");
}

std::string without_padding(std::string text) {
  const auto end = text.find('\0');
  return end == std::string::npos ? text : text.substr(0, end);
}

/// Size of the fixed-length string type; fails for any other type.
std::size_t string_size(const Handle& type, const Hdf5Context& context) {
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0) {
    context.fail("is not text of a fixed length");
  }
  const auto size = H5Tget_size(type.get());
  if (size > text_limit) context.fail("text is longer than 1 GiB");
  return size;
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = other.release();
  }
  return *this;
}

hid_t Handle::release() { return std::exchange(id_, -1); }

bool Handle::reset() {
  const hid_t id = release();
  return id < 0 || H5Idec_ref(id) >= 0;
}

void Hdf5Context::fail(const std::string& what, std::string hint) const {
  const std::string reason = hdf5_reason();
  H5Eclear2(H5E_DEFAULT);
  throw sdk::Error(kind, reason.empty() ? what : what + " (HDF5: " + reason + ")",
                   object.empty() ? file : file + ":" + object, std::move(hint));
}

Handle checked(hid_t id, const Hdf5Context& context, const char* what) {
  if (id < 0) context.fail(what);
  return Handle(id);
}

void check(herr_t status, const Hdf5Context& context, const char* what) {
  if (status < 0) context.fail(what);
}

void silence_hdf5() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

template <>
hid_t memory_type<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t memory_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t memory_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t memory_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}

Handle serial_access() {
  constexpr hsize_t large = 1 << 16, page = 4096;
  const Hdf5Context context{sdk::ErrorKind::internal, {}, {}};
  Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), context, "cannot make access properties");
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), context, "cannot set the file format");
  check(H5Pset_alignment(access.get(), large, page), context, "cannot set the alignment");
  check(H5Pset_file_locking(access.get(), false, true), context, "cannot set file locking");
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), context, "cannot set the close degree");
  return access;
}

Handle with_parents() {
  const Hdf5Context context{sdk::ErrorKind::internal, {}, {}};
  Handle links = checked(H5Pcreate(H5P_LINK_CREATE), context, "cannot make link properties");
  check(H5Pset_create_intermediate_group(links.get(), 1), context, "cannot set link properties");
  return links;
}

bool has_object(hid_t file, const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    if (H5Lexists(file, path.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

void create_group(hid_t file, const std::string& path, const Hdf5Context& context) {
  if (has_object(file, path)) return;
  checked(H5Gcreate2(file, path.c_str(), with_parents().get(), H5P_DEFAULT, H5P_DEFAULT), context.at(path),
          "cannot create the group");
}

void create_text(hid_t file, const std::string& path, const std::string& text, const Hdf5Context& context) {
  const auto place = context.at(path);
  const Handle type = string_type(text, place);
  const Handle space = checked(H5Screate(H5S_SCALAR), place, "cannot make a dataspace");
  const Handle dataset =
      checked(H5Dcreate2(file, path.c_str(), type.get(), space.get(), with_parents().get(), H5P_DEFAULT, H5P_DEFAULT),
              place, "cannot create the dataset");
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, padded(text).data()), place,
        "cannot write the text");
}

void create_viewer_text(hid_t file, const std::string& path, const std::string& text, const Hdf5Context& context) {
  const auto place = context.at(path);
  const hsize_t count = 1;
  const Handle type = checked(H5Tcopy(H5T_C_S1), place, "cannot make a string type");
  check(H5Tset_size(type.get(), H5T_VARIABLE), place, "cannot size a string type");
  const Handle space = checked(H5Screate_simple(1, &count, nullptr), place, "cannot make a dataspace");
  const Handle dataset =
      checked(H5Dcreate2(file, path.c_str(), type.get(), space.get(), with_parents().get(), H5P_DEFAULT, H5P_DEFAULT),
              place, "cannot create the dataset");
  const char* first = text.c_str();
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &first), place, "cannot write the text");
}

void create_link(hid_t file, const std::string& path, const std::string& target_file, const std::string& target,
                 const Hdf5Context& context) {
  check(H5Lcreate_external(target_file.c_str(), target.c_str(), file, path.c_str(), with_parents().get(), H5P_DEFAULT),
        context.at(path), "cannot create the link");
}

void set_attribute(hid_t file, const std::string& object, const std::string& name, const std::string& text,
                   const Hdf5Context& context) {
  const Handle type = string_type(text, context);
  const Handle space = checked(H5Screate(H5S_SCALAR), context, "cannot make a dataspace");
  write_attribute(file, object, name, type.get(), space.get(), padded(text).data(), context);
}

void set_attribute(hid_t file, const std::string& object, const std::string& name, std::span<const std::int64_t> values,
                   const Hdf5Context& context) {
  const hsize_t count = values.size();
  const Handle space = checked(H5Screate_simple(1, &count, nullptr), context, "cannot make a dataspace");
  write_attribute(file, object, name, H5T_NATIVE_INT64, space.get(), values.data(), context);
}

void set_attribute(hid_t file, const std::string& object, const std::string& name, double value,
                   const Hdf5Context& context) {
  const Handle space = checked(H5Screate(H5S_SCALAR), context, "cannot make a dataspace");
  write_attribute(file, object, name, H5T_NATIVE_DOUBLE, space.get(), &value, context);
}

InputFile::InputFile(const std::string& path) : context_{sdk::ErrorKind::state, path, {}} {
  silence_hdf5();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw sdk::Error(sdk::ErrorKind::state, "the file does not exist", path, "check the path and the folder");
  }
  if (std::filesystem::is_directory(path, ignored)) {
    throw sdk::Error(sdk::ErrorKind::state, "is a folder, not a file", path, "give a file inside it");
  }
  const Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), context_, "cannot make access properties");
  check(H5Pset_file_locking(access.get(), true, true), context_, "cannot set file locking");
  file_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
  if (!file_) context_.fail("not a readable HDF5 file", "it may be truncated, damaged or of another kind");
}

bool InputFile::has(const std::string& object) const { return has_object(file_.get(), object); }

bool InputFile::has_attribute(const std::string& object, const std::string& name) const {
  return has(object) && H5Aexists_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> InputFile::names(const std::string& group) const {
  std::vector<std::string> found;
  if (!has(group)) return found;
  const auto place = context_.at(group);
  const Handle handle = checked(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT), place, "cannot open the group");
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  check(H5Literate(handle.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &found), place, "cannot list the group");
  return found;
}

Handle InputFile::open_dataset(const std::string& dataset) const {
  const auto place = context_.at(dataset);
  if (!has(dataset))
    throw sdk::Error(sdk::ErrorKind::state, "the dataset does not exist", place.file + ":" + dataset,
                     "the file may come from another program or version");
  Handle handle(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT));
  if (handle) return handle;
  H5L_info_t info;
  std::string hint = "the file may be damaged";
  if (H5Lget_info(file_.get(), dataset.c_str(), &info, H5P_DEFAULT) >= 0 && info.type == H5L_TYPE_EXTERNAL) {
    std::vector<char> value(info.u.val_size + 1, '\0');
    const char* target = nullptr;
    if (H5Lget_val(file_.get(), dataset.c_str(), value.data(), info.u.val_size, H5P_DEFAULT) >= 0 &&
        H5Lunpack_elink_val(value.data(), info.u.val_size, nullptr, &target, nullptr) >= 0) {
      hint = std::string("it is stored in \"") + target + "\" of the same folder, which is missing or damaged";
    }
  }
  place.fail("cannot open the dataset", hint);
}

std::vector<std::int64_t> InputFile::shape(const std::string& dataset) const {
  const auto place = context_.at(dataset);
  const Handle handle = open_dataset(dataset);
  const Handle space = checked(H5Dget_space(handle.get()), place, "cannot read the shape");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > H5S_MAX_RANK) place.fail("has no shape");
  std::vector<hsize_t> extents(rank);
  check(H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr), place, "cannot read the shape");
  return {extents.begin(), extents.end()};
}

template <class T>
std::vector<T> InputFile::rows(const std::string& dataset, std::int64_t first, std::int64_t count) const {
  const auto place = context_.at(dataset);
  const auto extents = shape(dataset);
  if (extents.empty() || extents.size() > 2) place.fail("is not an array of rank 1 or 2");
  const std::int64_t columns = extents.size() == 2 ? extents[1] : 1;
  if (first < 0 || count < 0 || first > extents[0] - count) place.fail("does not have the requested rows");
  const Handle handle = open_dataset(dataset);
  const Handle type = checked(H5Dget_type(handle.get()), place, "cannot read the type");
  const auto kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) place.fail("does not hold numbers");
  std::vector<T> values(count * columns);
  if (values.empty()) return values;
  const Handle space = checked(H5Dget_space(handle.get()), place, "cannot read the shape");
  const hsize_t start[2] = {hsize_t(first), 0}, size[2] = {hsize_t(count), hsize_t(columns)};
  check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, size, nullptr), place, "cannot select rows");
  const Handle memory =
      checked(H5Screate_simple(static_cast<int>(extents.size()), size, nullptr), place, "cannot make a dataspace");
  check(H5Dread(handle.get(), memory_type<T>(), memory.get(), space.get(), H5P_DEFAULT, values.data()), place,
        "cannot read the values");
  return values;
}

template <class T>
std::vector<T> InputFile::all(const std::string& dataset) const {
  const auto extents = shape(dataset);
  if (extents.empty()) context_.at(dataset).fail("is not an array");
  return rows<T>(dataset, 0, extents[0]);
}

template std::vector<double> InputFile::rows(const std::string&, std::int64_t, std::int64_t) const;
template std::vector<std::int64_t> InputFile::rows(const std::string&, std::int64_t, std::int64_t) const;
template std::vector<std::int32_t> InputFile::rows(const std::string&, std::int64_t, std::int64_t) const;
template std::vector<std::uint8_t> InputFile::rows(const std::string&, std::int64_t, std::int64_t) const;
template std::vector<double> InputFile::all(const std::string&) const;
template std::vector<std::int64_t> InputFile::all(const std::string&) const;
template std::vector<std::int32_t> InputFile::all(const std::string&) const;
template std::vector<std::uint8_t> InputFile::all(const std::string&) const;

std::size_t InputFile::bytes_per_number(const std::string& dataset) const {
  const Handle handle = open_dataset(dataset);
  return H5Tget_size(checked(H5Dget_type(handle.get()), context_.at(dataset), "cannot read the type").get());
}

std::string InputFile::text(const std::string& dataset) const {
  const auto place = context_.at(dataset);
  const Handle handle = open_dataset(dataset);
  if (!shape(dataset).empty()) place.fail("is not a single text");
  const Handle type = checked(H5Dget_type(handle.get()), place, "cannot read the type");
  std::string value(string_size(type, place), '\0');
  check(H5Dread(handle.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, value.data()), place, "cannot read the text");
  return without_padding(std::move(value));
}

Handle InputFile::open_attribute(const std::string& object, const std::string& name) const {
  if (!has_attribute(object, name)) {
    throw sdk::Error(sdk::ErrorKind::state, "the attribute \"" + name + "\" does not exist",
                     context_.file + ":" + object, "the file may come from another program or version");
  }
  return checked(H5Aopen_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                 context_.at(object), "cannot open an attribute");
}

std::string InputFile::text_attribute(const std::string& object, const std::string& name) const {
  const auto place = context_.at(object);
  const Handle attribute = open_attribute(object, name);
  const Handle type = checked(H5Aget_type(attribute.get()), place, "cannot read an attribute's type");
  const Handle space = checked(H5Aget_space(attribute.get()), place, "cannot read an attribute's shape");
  if (H5Sget_simple_extent_npoints(space.get()) != 1) place.fail("the attribute \"" + name + "\" is not a single text");
  std::string value(string_size(type, place), '\0');
  check(H5Aread(attribute.get(), type.get(), value.data()), place, "cannot read an attribute");
  return without_padding(std::move(value));
}

std::vector<std::int64_t> InputFile::integer_attribute(const std::string& object, const std::string& name) const {
  const auto place = context_.at(object);
  const Handle attribute = open_attribute(object, name);
  const Handle type = checked(H5Aget_type(attribute.get()), place, "cannot read an attribute's type");
  const Handle space = checked(H5Aget_space(attribute.get()), place, "cannot read an attribute's shape");
  const auto count = H5Sget_simple_extent_npoints(space.get());
  if (H5Tget_class(type.get()) != H5T_INTEGER || count < 0 || count > text_limit) {
    place.fail("the attribute \"" + name + "\" does not hold integers");
  }
  std::vector<std::int64_t> values(count);
  check(H5Aread(attribute.get(), H5T_NATIVE_INT64, values.data()), place, "cannot read an attribute");
  return values;
}

double InputFile::number_attribute(const std::string& object, const std::string& name) const {
  const auto place = context_.at(object);
  const Handle attribute = open_attribute(object, name);
  const Handle type = checked(H5Aget_type(attribute.get()), place, "cannot read an attribute's type");
  const Handle space = checked(H5Aget_space(attribute.get()), place, "cannot read an attribute's shape");
  if (H5Tget_class(type.get()) != H5T_FLOAT || H5Sget_simple_extent_npoints(space.get()) != 1) {
    place.fail("the attribute \"" + name + "\" is not a number");
  }
  double value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value), place, "cannot read an attribute");
  return value;
}

}  // namespace ansatz::io
