#include "inspect/bundle/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "certs/digest.h"

namespace visavis::inspect {
namespace {

struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;
using Archive = std::unique_ptr<zip_t, Discard>;

[[noreturn]] void fail(zip_error_t* error) {
  throw std::runtime_error(std::string("the zip archive can't be made: ") +
                           zip_error_strerror(error));
}

void add_file(zip_t* archive, const std::string& name, const std::string& contents,
              std::int64_t modified_s) {
  Source source(zip_source_buffer(archive, contents.data(), contents.size(), 0));
  if (!source) fail(zip_get_error(archive));
  const zip_int64_t index =
      zip_file_add(archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8 | ZIP_FL_OVERWRITE);
  if (index < 0) fail(zip_get_error(archive));
  (void)source.release();  // the archive's from here on
  const auto place = static_cast<zip_uint64_t>(index);
  if (zip_file_set_mtime(archive, place, static_cast<time_t>(modified_s), 0) != 0)
    fail(zip_get_error(archive));
}

std::string read_all(zip_source_t* source) {
  zip_stat_t facts;
  zip_stat_init(&facts);
  if (zip_source_stat(source, &facts) != 0 || zip_source_open(source) != 0)
    fail(zip_source_error(source));
  std::string bytes(facts.size, '\0');
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  if (read < 0 || static_cast<zip_uint64_t>(read) != facts.size) fail(zip_source_error(source));
  (void)zip_source_close(source);
  return bytes;
}

}  // namespace

void ZipArchive::add(std::string name, std::string contents) {
  files_.emplace_back(std::move(name), std::move(contents));
}

bool ZipArchive::has(std::string_view name) const {
  return std::any_of(files_.begin(), files_.end(),
                     [name](const auto& file) { return file.first == name; });
}

std::string ZipArchive::checksums() const {
  std::string lines;
  for (const auto& [name, contents] : files_) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size());
    lines += certs::hex(certs::sha256(bytes)) + "  " + name + "\n";
  }
  return lines;
}

std::string ZipArchive::bytes() const {
  zip_error_t error;
  zip_error_init(&error);
  const Source written(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!written) fail(&error);
  zip_source_keep(written.get());  // the archive frees one, and we read the other
  Archive archive(zip_open_from_source(written.get(), ZIP_TRUNCATE, &error));
  if (!archive) {
    zip_source_free(written.get());
    fail(&error);
  }
  for (const auto& [name, contents] : files_) add_file(archive.get(), name, contents, modified_s_);
  if (zip_close(archive.get()) != 0) fail(zip_get_error(archive.get()));
  (void)archive.release();
  return read_all(written.get());
}

}  // namespace visavis::inspect
