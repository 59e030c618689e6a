#include "table/xlsx_package.hpp"

#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>

#include "base/problem.hpp"
#include "table/unicode.hpp"

namespace nicohort {

namespace {

// What is deflated more than that was made to fill a disk or to take for ever, unless it is small.
// Worksheets come to 20 times, at most to 100.
constexpr std::size_t max_small_part_bytes = std::size_t{512} << 20, max_deflation = 200;
constexpr std::size_t max_whole_bytes = std::size_t{32} << 20;
constexpr zip_uint16_t dos_1980_01_01 = 1 << 5 | 1;  // zip's own epoch: MS-DOS date

[[noreturn]] void throw_damaged(const std::string& what) {
  throw BadInput(ProblemKind::unreadable_file,
                 "the workbook is damaged (" + what + "); get a good copy of it");
}

// libzip hands on what zlib says of memory as zlib's failure.
bool is_out_of_memory(const zip_error_t* error) {
  const int code = zip_error_code_zip(error);
  return code == ZIP_ER_MEMORY ||
         (code == ZIP_ER_ZLIB && zip_error_code_system(error) == Z_MEM_ERROR);
}

[[noreturn]] void throw_failed(const std::string& where, zip_error_t* error) {
  if (is_out_of_memory(error)) throw std::bad_alloc();
  throw_damaged(where + zip_error_strerror(error));
}

[[noreturn]] void throw_too_large(const std::string& part, std::size_t limit) {
  throw BadInput(ProblemKind::unreadable_file, part + " in the workbook is larger than " +
                                                   std::to_string(limit >> 20) +
                                                   " MB; remove what is not needed from it");
}

std::string directory_of(std::string_view part) {
  const auto slash = part.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(part.substr(0, slash + 1));
}

// The part that a relationship's target means, seen from the directory of its source.
std::string resolve(std::string_view directory, std::string_view target) {
  std::string path = target.starts_with('/') || target.starts_with('\\')
                         ? std::string(target)
                         : std::string(directory) + std::string(target);
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= path.size();) {
    const std::size_t end = std::min(path.find_first_of("/\\", i), path.size());
    std::string name = path.substr(i, end - i);
    if (name == "..") {
      if (!names.empty()) names.pop_back();
    } else if (!name.empty() && name != ".") {
      names.push_back(std::move(name));
    }
    i = end + 1;
  }
  std::string result;
  for (const auto& name : names) result += (result.empty() ? "" : "/") + name;
  return result;
}

void check_signature(std::string_view bytes) {
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
    using namespace std::literals;
    if (bytes.find("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv) != std::string_view::npos)
      throw BadInput(
          ProblemKind::unreadable_file,
          "the workbook is encrypted; open it in Excel and save it as .xlsx without a password");
    throw BadInput(
        ProblemKind::unreadable_file,
        "an old Excel workbook (.xls); open it in Excel or LibreOffice and save it as .xlsx");
  }
  if (!bytes.starts_with("PK"))
    throw BadInput(
        ProblemKind::unreadable_file,
        "not an Excel workbook; save the table as .xlsx, or as UTF-8 CSV with the ending .csv");
}

}  // namespace

bool Relationship::is(std::string_view last_word) const {
  return type.size() > last_word.size() && type.ends_with(last_word) &&
         type[type.size() - last_word.size() - 1] == '/';
}

std::string relationships_part(std::string_view part) {
  const std::string directory = directory_of(part);
  return directory + "_rels/" + std::string(part.substr(directory.size())) + ".rels";
}

std::string canonical_part(std::string_view part) {
  std::string name = lower_case(part);
  for (char& c : name) c = c == '\\' ? '/' : c;
  return name.substr(std::min(name.find_first_not_of('/'), name.size()));
}

namespace {

// A new part. It is deflated here, not by libzip, which would need all of it at once, and keeps the
// level of another part only where that one was not deflated: the same sheet put twice must give
// the same bytes.
class NewPart {
 public:
  explicit NewPart(const PartWriter& write) {
    z_stream zlib{};
    constexpr int raw = -15, usual_memory = 8;
    if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw, usual_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
    const std::unique_ptr<z_stream, decltype(&deflateEnd)> end(&zlib, &deflateEnd);
    write([&](std::string_view piece) {
      crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
      size_ += piece.size();
      for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), step)))
        deflate_piece(zlib, piece.substr(0, step), Z_NO_FLUSH);
    });
    deflate_piece(zlib, {}, Z_FINISH);
  }

  // For zip_source_function().
  static zip_int64_t give(void* part, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    return static_cast<NewPart*>(part)->give(data, length, command);
  }

 private:
  static constexpr std::size_t step = std::size_t{1} << 20;  // zlib counts in unsigned int

  void deflate_piece(z_stream& zlib, std::string_view piece, int flush) {
    std::vector<char> buffer(std::size_t{1} << 16);
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    zlib.avail_in = static_cast<uInt>(piece.size());
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(buffer.data());
      zlib.avail_out = static_cast<uInt>(buffer.size());
      deflate(&zlib, flush);
      bytes_.append(buffer.data(), buffer.size() - zlib.avail_out);
    } while (zlib.avail_out == 0);
  }

  zip_int64_t give(void* data, zip_uint64_t length, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_OPEN:
        given_ = 0;
        return 0;
      case ZIP_SOURCE_READ: {
        const std::size_t count = std::min<std::size_t>(length, bytes_.size() - given_);
        std::memcpy(data, bytes_.data() + given_, count);
        given_ += count;
        return static_cast<zip_int64_t>(count);
      }
      case ZIP_SOURCE_STAT: {
        zip_stat_t status;
        zip_stat_init(&status);
        status.valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC;
        status.size = size_;
        status.comp_size = bytes_.size();
        status.comp_method = ZIP_CM_DEFLATE;
        status.crc = static_cast<zip_uint32_t>(crc_);
        std::memcpy(data, &status, sizeof status);
        return sizeof status;
      }
      case ZIP_SOURCE_ERROR:
        std::memset(data, 0, 2 * sizeof(int));  // there is none
        return 2 * sizeof(int);
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_FREE:
        return 0;
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              -1);
      default:
        return -1;
    }
  }

  std::string bytes_;  // deflated
  uLong crc_ = 0;
  std::size_t size_ = 0, given_ = 0;
};

}  // namespace

struct Package::State {
  std::deque<NewPart> written;  // the zip refers to them until it is closed
  std::size_t file_bytes;
  zip_source_t* source = nullptr;
  zip_t* zip = nullptr;
  std::map<std::string, zip_uint64_t> index;  // by canonical name

  explicit State(std::string_view bytes) : file_bytes(bytes.size()) {
    // The buffer is libzip's own, from malloc: when an archive is changed, libzip 1.7 cuts up the
    // memory that it was read from and frees the pieces, also where it was told that it is not its
    // to free.
    void* buffer = bytes.empty() ? nullptr : std::malloc(bytes.size());
    if (buffer) std::memcpy(buffer, bytes.data(), bytes.size());
    if (!buffer && !bytes.empty()) throw std::bad_alloc();
    zip_error_t error;
    zip_error_init(&error);
    source = zip_source_buffer_create(buffer, bytes.size(), buffer ? 1 : 0, &error);
    if (!source) {
      std::free(buffer);
      throw std::bad_alloc();
    }
    // Now the buffer is libzip's. The zip is read back from it in finish().
    zip_source_keep(source);  // NOLINT(clang-analyzer-unix.Malloc)
    zip = zip_open_from_source(source, bytes.empty() ? ZIP_CREATE : 0, &error);
    if (!zip) {
      const std::string why = zip_error_strerror(&error);
      const bool no_memory = is_out_of_memory(&error);
      zip_error_fini(&error);
      zip_source_free(source);
      zip_source_free(source);
      if (no_memory) throw std::bad_alloc();
      throw_damaged(why);
    }
  }
  ~State() {
    if (zip) zip_discard(zip);
    zip_source_free(source);
  }

  zip_uint64_t find(std::string_view part) const {
    const auto at = index.find(canonical_part(part));
    if (at == index.end()) throw_damaged("no part " + std::string(part));
    return at->second;
  }
};

Package::Package() : state_(std::make_unique<State>(std::string_view())) {}

Package::Package(std::string_view bytes) {
  check_signature(bytes);
  state_ = std::make_unique<State>(bytes);
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(state_->zip, 0));
  for (zip_uint64_t i = 0; i < count; ++i) {
    const std::string name = zip_get_name(state_->zip, i, 0);
    if (name.ends_with('/')) continue;
    if (!state_->index.emplace(canonical_part(name), i).second) throw_damaged("two parts " + name);
  }
}

Package::~Package() = default;

bool Package::has(std::string_view part) const {
  return state_->index.contains(canonical_part(part));
}

void Package::stream(std::string_view part, const PieceSink& sink) const {
  const std::string name(part);
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(state_->zip, state_->find(part), 0), &zip_fclose);
  if (!file) throw_failed(name + ": ", zip_get_error(state_->zip));
  std::vector<char> buffer(std::size_t{1} << 16);
  const std::size_t most = std::max(max_small_part_bytes, max_deflation * state_->file_bytes);
  std::size_t total = 0;
  while (true) {
    const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
    if (got < 0) throw_failed(name + ": ", zip_file_get_error(file.get()));
    if (got == 0) return;
    total += static_cast<std::size_t>(got);
    if (total > most) throw_too_large(name, most);
    sink({buffer.data(), static_cast<std::size_t>(got)});
  }
}

void Package::parse(std::string_view part, XmlEvents events) const {
  XmlParser parser(std::move(events));
  stream(part, [&](std::string_view piece) { parser.feed(piece); });
  parser.finish();
}

std::string Package::read(std::string_view part) const {
  std::string content;
  stream(part, [&](std::string_view piece) {
    if (content.size() + piece.size() > max_whole_bytes)
      throw_too_large(std::string(part), max_whole_bytes);
    content += piece;
  });
  return content;
}

std::vector<Relationship> Package::relationships(std::string_view part) const {
  std::vector<Relationship> result;
  const std::string name = relationships_part(part);
  if (!has(name)) return result;
  XmlEvents events;
  events.start = [&](const XmlElement& element) {
    if (element.name != "Relationship") return;
    const auto attribute = [&](const char* key) {
      return std::string(element.get(key).value_or(""));
    };
    const bool external = attribute("TargetMode") == "External";
    result.push_back({attribute("Id"), attribute("Type"),
                      external ? "" : resolve(directory_of(part), attribute("Target")),
                      element.begin, element.end});
  };
  events.end = [&](std::string_view ended, std::size_t, std::size_t end) {
    if (ended == "Relationship") result.back().end = end;
  };
  parse_xml(read(name), std::move(events));
  return result;
}

void Package::put(const std::string& part, const PartWriter& write) {
  NewPart& written = state_->written.emplace_back(write);
  zip_source_t* source = zip_source_function(state_->zip, &NewPart::give, &written);
  if (!source) throw std::bad_alloc();
  const auto at = state_->index.find(canonical_part(part));
  const bool replaces = at != state_->index.end();
  const zip_int64_t index = replaces
                                ? static_cast<zip_int64_t>(at->second)
                                : zip_file_add(state_->zip, part.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0 || (replaces && zip_file_replace(state_->zip, static_cast<zip_uint64_t>(index),
                                                 source, 0) != 0)) {
    zip_source_free(source);
    throw_failed(part + ": ", zip_get_error(state_->zip));
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  zip_set_file_compression(state_->zip, entry, ZIP_CM_DEFLATE, 0);
  zip_file_set_dostime(state_->zip, entry, 0, dos_1980_01_01, 0);
  state_->index[canonical_part(part)] = entry;
}

void Package::put(const std::string& part, std::string_view content) {
  put(part, [&](const PieceSink& sink) { sink(content); });
}

std::size_t Package::file_bytes() const {
  return state_->file_bytes;
}

void Package::remove(std::string_view part) {
  zip_delete(state_->zip, state_->find(part));
  state_->index.erase(canonical_part(part));
}

std::string Package::finish() && {
  if (zip_close(state_->zip) != 0) throw_failed("", zip_get_error(state_->zip));
  state_->zip = nullptr;
  zip_stat_t status;
  if (zip_source_stat(state_->source, &status) != 0 || zip_source_open(state_->source) != 0)
    throw std::bad_alloc();
  std::string bytes(status.size, '\0');
  const zip_int64_t got = zip_source_read(state_->source, bytes.data(), bytes.size());
  zip_source_close(state_->source);
  if (got != static_cast<zip_int64_t>(bytes.size())) throw std::bad_alloc();
  return bytes;
}

}  // namespace nicohort
