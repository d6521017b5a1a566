#include "engine/io/hdf5/bare_write.hpp"

#include "engine/io/hdf5/hdf5.hpp"

namespace ansatz::io {
namespace {

void write_one_dataset(const base::Communicator& comm, const Hdf5Context& context, std::span<const double> values,
                       bool collective) {
  Handle access = serial_access();
  check(H5Pset_fapl_mpio(access.get(), comm.get(), MPI_INFO_NULL), context, "cannot select MPI-IO");
  check(H5Pset_all_coll_metadata_ops(access.get(), true), context, "cannot select collective metadata");
  check(H5Pset_coll_metadata_write(access.get(), true), context, "cannot select collective metadata");
  Handle file = checked(H5Fcreate(context.file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), context,
                        "cannot create the file");
  const hsize_t count = values.size(), first = count * comm.rank(), total = count * comm.size();
  const Handle space = checked(H5Screate_simple(1, &total, nullptr), context, "cannot make a dataspace");
  const Handle memory = checked(H5Screate_simple(1, &count, nullptr), context, "cannot make a dataspace");
  check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &first, nullptr, &count, nullptr), context, "cannot select");
  const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), context, "cannot make properties");
  check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), context, "cannot set properties");
  check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), context, "cannot set properties");
  const Handle transfer = checked(H5Pcreate(H5P_DATASET_XFER), context, "cannot make properties");
  check(H5Pset_dxpl_mpio(transfer.get(), collective ? H5FD_MPIO_COLLECTIVE : H5FD_MPIO_INDEPENDENT), context,
        "cannot set the transfer");
  Handle dataset = checked(
      H5Dcreate2(file.get(), "values", H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
      context, "cannot create the dataset");
  check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), transfer.get(), values.data()), context,
        "cannot write the dataset");
  dataset.reset();
  if (!file.reset()) context.fail("cannot close the file");
}

}  // namespace

double bare_write(const base::Communicator& comm, const std::string& path, std::int64_t bytes_per_rank,
                  bool collective) {
  silence_hdf5();
  const std::vector<double> values(bytes_per_rank / sizeof(double), 1.0 + comm.rank());
  comm.barrier();
  const double start = MPI_Wtime();
  base::agree(comm, [&] { write_one_dataset(comm, {sdk::ErrorKind::output, path, {}}, values, collective); });
  comm.barrier();
  return comm.max(MPI_Wtime() - start);
}

}  // namespace ansatz::io
