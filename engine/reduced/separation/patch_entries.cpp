#include "engine/reduced/separation/patch_entries.hpp"

#include <algorithm>

namespace ansatz::reduced {

const char* text(EntriesOf object) {
  switch (object) {
    case EntriesOf::matrix:
      return "operator";
    case EntriesOf::load:
      return "right-hand side";
    case EntriesOf::prescribed:
      return "prescribed values";
  }
  return "";
}

/// What one thread works with.
class PatchEntries::Work {
 public:
  explicit Work(const PatchEntries& entries)
      : form_(entries.patch_, required(entries.setting_)), places_(entries.places_) {
    const auto unknowns = form_.num_unknowns();
    bool good = true;
    for (const auto& place : places_) {
      good = good && place.entry >= 0 && place.entry < entries.size_ && place.cell >= 0 &&
             place.cell < form_.num_cells() && place.row >= 0 && place.row < unknowns && place.column >= 0 &&
             place.column < unknowns;
    }
    if (!good) {
      throw sdk::Error(sdk::ErrorKind::state, "the stored entries do not fit their cells", "reduced::PatchEntries",
                       "train the reduced model again");
    }
    std::ranges::stable_sort(places_, {}, &EntryPlace::cell);
    first_.resize(form_.num_cells() + 1);
    for (const auto& place : places_) ++first_[place.cell + 1];
    for (std::size_t k = 1; k < first_.size(); ++k) first_[k] += first_[k - 1];
    add_ = [this](const fem::Batch& batch, const fem::Lanes* element) { add(batch, element); };
  }

  void values(EntriesOf object, std::span<const double> mu, std::span<double> out) {
    form_.set_parameters(mu);
    std::ranges::fill(out, 0.0);
    out_ = out;
    if (object == EntriesOf::matrix) return form_.visit_element_matrices(add_);
    if (object == EntriesOf::load) form_.assemble_load();
    for (const auto& place : places_) {
      const auto cell = static_cast<std::int32_t>(place.cell);
      const auto row = static_cast<int>(place.row);
      out[place.entry] = object == EntriesOf::load ? form_.load(cell, row) : form_.prescribed(cell, row);
    }
  }

 private:
  static std::shared_ptr<const fem::PatchSetting> required(const std::shared_ptr<const fem::PatchSetting>& setting) {
    if (setting) return setting;
    throw sdk::Error(sdk::ErrorKind::state, "entries of an assembled problem are wanted, but not from which problem",
                     "reduced::PatchEntries", "read the model with the setting of its problem");
  }
  void add(const fem::Batch& batch, const fem::Lanes* element) {
    for (int lane = 0; lane < batch.num_active; ++lane) {
      for (auto k = first_[batch.cells[lane]]; k < first_[batch.cells[lane] + 1]; ++k) {
        const auto& place = places_[k];
        out_[place.entry] += element[place.row * form_.num_unknowns() + place.column][lane];
      }
    }
  }

  fem::PatchForm form_;
  std::vector<EntryPlace> places_;  ///< by cell
  std::vector<std::size_t> first_;  ///< place of each cell
  fem::Form::ElementVisitor add_;
  std::span<double> out_;
};

PatchEntries::PatchEntries(EntriesOf object, int size, fem::Patch patch, std::vector<EntryPlace> places,
                           std::shared_ptr<const fem::PatchSetting> setting)
    : object_(object),
      size_(size),
      patch_(std::move(patch)),
      places_(std::move(places)),
      setting_(std::move(setting)) {}

PatchEntries::~PatchEntries() = default;

void PatchEntries::values(std::span<const double> mu, std::span<double> out) const {
  std::unique_ptr<Work> work;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      work = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!work) work = std::make_unique<Work>(*this);
  work->values(object_, mu, out);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(work));
}

}  // namespace ansatz::reduced
