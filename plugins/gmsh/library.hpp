#pragma once
/// Exclusive use of libgmsh, whose state is global to the process.

#include <exception>
#include <mutex>
#include <string>

#include "ansatz/sdk/error.hpp"

namespace ansatz::gmsh {

/// From construction to destruction: libgmsh initialised with its default options, silent, on one thread, with a fixed
/// random seed and an empty model. Not collective. One at a time: a second one waits.
/// libgmsh must not be in use elsewhere in the process.
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// Opens or meshes by `work`, any failure as an Error of kind mesh with Gmsh's own messages in it.
  template <class Work>
  void run(const std::string& doing, const std::string& path, Work&& work) {
    std::string thrown;
    bool failed = false;
    try {
      work();
    } catch (const sdk::Error&) {
      throw;
    } catch (const std::string& message) {  // libgmsh 4.8 throws strings
      thrown = message;
      failed = true;
    } catch (const std::exception& error) {
      thrown = error.what();
      failed = true;
    } catch (int code) {
      thrown = "code " + std::to_string(code);
      failed = true;
    }
    check(failed, thrown, doing, path);
  }

 private:
  void check(bool failed, const std::string& thrown, const std::string& doing, const std::string& path);

  std::unique_lock<std::mutex> lock_;
};

}  // namespace ansatz::gmsh
