#include "view/view_server.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/interrupt.hpp"
#include "base/problem.hpp"
#include "view/access.hpp"
#include "view/drawn_mask_image.hpp"
#include "view/limited_server.hpp"
#include "view/review_request.hpp"
#include "view/sample_json.hpp"
#include "view/served_image.hpp"
#include "view/web_path.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using httplib::Request, httplib::Response;
using nlohmann::json;
namespace {

constexpr std::size_t longest_target = 2048;
constexpr std::string_view verdicts_path = "/api/verdicts/";

// Scripts are the program's own; NiiVue has WebAssembly and reads what it makes itself as blob: and
// data:. Nothing comes from elsewhere, and no other page may frame these.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr const char* refusal =
    "nicohort: this page opens only with the address that `nicohort view` printed in its "
    "terminal.\nThe address works only once; run `nicohort view` again to get a new one.\n";

void answer_text(Response& response, int status, const std::string& text) {
  response.status = status;
  response.set_content(text, "text/plain; charset=utf-8");
}

void answer_json(Response& response, int status, const json& value) {
  response.status = status;
  response.set_content(value.dump(-1, ' ', false, json::error_handler_t::replace),
                       "application/json");
}

void answer_error(Response& response, int status, const std::string& what) {
  answer_json(response, status, {{"error", what}});
}

void answer_not_found(Response& response) {
  answer_text(response, 404, "This page does not exist.\n");
}

const char* type_of(const fs::path& file) {
  const std::string ending = file.extension().string();
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".js") return "text/javascript; charset=utf-8";
  if (ending == ".css") return "text/css; charset=utf-8";
  return ending == ".png" ? "image/png" : "application/gzip";
}

struct OpenFile {
  int descriptor = -1;
  explicit OpenFile(const fs::path& file)
      : descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
};

// Answers with a file, a piece at a time.
void answer_file(Response& response, const std::optional<fs::path>& file) {
  if (!file) return answer_not_found(response);
  const auto opened = std::make_shared<OpenFile>(*file);
  struct stat status {};
  if (opened->descriptor < 0 || ::fstat(opened->descriptor, &status) != 0 ||
      !S_ISREG(status.st_mode))
    return answer_text(response, 404, "The file cannot be read.\n");
  response.status = 200;
  if (status.st_size == 0) return response.set_content("", type_of(*file));
  response.set_content_provider(
      static_cast<std::size_t>(status.st_size), type_of(*file),
      [opened](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::array<char, 64 * 1024> piece{};
        const ssize_t got = ::pread(opened->descriptor, piece.data(),
                                    std::min(length, piece.size()), static_cast<off_t>(offset));
        return got > 0 && sink.write(piece.data(), static_cast<std::size_t>(got));
      });
}

// Answers with an image. The descriptor is of the file that was checked, whatever its name leads to
// now.
void answer_image(Response& response, const std::optional<fs::path>& file) {
  if (!file) return answer_not_found(response);
  const OpenFile opened(*file);
  const fs::path image = fmt::format("/proc/self/fd/{}", opened.descriptor);
  if (opened.descriptor < 0 || is_one_member(image)) return answer_file(response, file);
  const auto packed = std::make_shared<OneMember>(image);
  response.status = 200;
  response.set_chunked_content_provider(
      "application/gzip", [packed](std::size_t, httplib::DataSink& sink) {
        try {
          const auto piece = packed->next();
          if (!piece.empty())
            return sink.write(reinterpret_cast<const char*>(piece.data()), piece.size());
          sink.done();
          return true;
        } catch (const std::exception&) {
          return false;  // an answer that breaks off is an error to the browser
        }
      });
}

// The report has these files and no others.
bool is_report_file(std::string_view path) {
  constexpr std::string_view folder = "thumbnails/";
  return path == "index.html" || path == "report.js" || path == "report.css" || path == "data.js" ||
         (path.starts_with(folder) && path.ends_with(".png"));
}

// The rest of a path behind `begin`; nothing if it begins otherwise.
std::optional<std::string> behind(const std::string& path, std::string_view begin) {
  if (!path.starts_with(begin)) return {};
  return path.substr(begin.size());
}

}  // namespace

struct ViewServer::State {
  explicit State(const ViewOptions& options)
      : root(options.root),
        archive(options.archive),
        pages(options.pages),
        access(http.bind(options.port)) {
    index();
    review();
    http.set_default_headers({{"Content-Security-Policy", content_policy},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Cross-Origin-Opener-Policy", "same-origin"},
                              {"Accept-Ranges", "none"},
                              {"Cache-Control", "no-store"}});
    http.set_pre_routing_handler([this](const Request& request, Response& response) {
      return answer(request, response) ? httplib::Server::HandlerResponse::Handled
                                       : httplib::Server::HandlerResponse::Unhandled;
    });
    http.Put(R"([\s\S]*)", [this](const Request& request, Response& response) {
      guarded(response, [&] { answer_put(request, response); });
    });
  }

  fs::path root;
  ViewedArchive archive;
  std::span<const WebFile> pages;
  LimitedServer http;
  AccessControl access;  // after http, which knows the port

  // As the tables are now.
  std::shared_ptr<const SampleIndex> index() {
    std::lock_guard lock(index_mutex);
    const IndexSources sources = find_index_sources(root);
    if (!index_now || index_state != sources.state) {
      index_now = std::make_shared<const SampleIndex>(read_sample_index(root, sources));
      index_state = sources.state;
    }
    return index_now;
  }

  fs::path review_path() const { return root / "descriptor" / review_file; }

  Review review() const {
    std::error_code error;
    return fs::exists(review_path(), error) ? read_review(review_path()) : Review();
  }

  // What goes wrong is told to the page.
  template <class Work>
  void guarded(Response& response, Work&& work) {
    try {
      work();
    } catch (const BadInput& bad) {
      answer_error(response, 409,
                   bad.subject().empty() ? std::string(bad.what())
                                         : fmt::format("{}: {}", bad.subject(), bad.what()));
    } catch (const UsageError& error) {
      answer_error(response, 409, error.what());
    } catch (const Interrupted&) {
      answer_error(response, 503, "nicohort is stopping; nothing was written");
    } catch (const std::exception& error) {
      answer_error(response, 500, error.what());
    }
  }

  // Answers all but a PUT that may go on; whether it has answered. The body is not read yet.
  bool answer(const Request& request, Response& response) {
    if (request.target.size() > longest_target) {
      answer_text(response, 414, "The address is too long.\n");
      return true;
    }
    const auto origins = request.get_header_value_count("Origin");
    if (request.get_header_value_count("Host") != 1 ||
        !access.is_own_host(request.get_header_value("Host")) || origins > 1 ||
        (origins == 1 && !access.is_own_origin(request.get_header_value("Origin")))) {
      answer_text(response, 403, refusal);
      return true;
    }
    const bool is_get = request.method == "GET" || request.method == "HEAD";
    if (!is_get && request.method != "PUT") {
      response.set_header("Allow", "GET, HEAD, PUT");
      answer_text(response, 405, "Only GET, HEAD and PUT are possible.\n");
      return true;
    }
    const auto path = decode_percent(request.target.substr(0, request.target.find('?')));
    if (!path || !path->starts_with('/')) {
      answer_text(response, 400, "The address is malformed.\n");
      return true;
    }
    if (request.method == "GET" && *path == "/" && request.has_param("token") &&
        access.redeem(request.get_param_value("token"))) {
      response.set_header("Set-Cookie", access.set_cookie());
      response.set_redirect("/report/index.html");
      return true;
    }
    if (!access.is_session(request.get_header_value("Cookie"))) {
      answer_text(response, 403, refusal);
      return true;
    }
    if (!is_get) return refuse_put(request, response, *path);
    guarded(response, [&] { answer_get(*path, response); });
    return true;
  }

  void answer_get(const std::string& path, Response& response) {
    if (path == "/" || path == "/report" || path == "/report/")
      return response.set_redirect("/report/index.html");
    if (path == "/api/verdicts") {
      json verdicts = json::object();
      for (const auto& [id, verdict] : review()) verdicts[id] = verdict_json(verdict);
      return answer_json(response, 200, verdicts);
    }
    if (const auto id = behind(path, "/api/samples/")) return answer_sample(*id, response);
    if (const auto file = behind(path, "/report/"))
      return answer_file(response,
                         is_report_file(*file) ? file_below(root / "report", *file) : std::nullopt);
    if (const auto file = behind(path, "/files/grouped/"))
      return answer_image(
          response, is_image_name(*file) ? file_below(root / dataset_folder, *file) : std::nullopt);
    if (const auto file = behind(path, "/files/drawn/")) return answer_drawn(*file, response);
    for (const WebFile& page : pages)
      if (page.name.starts_with("viewer.") && path.substr(1) == page.name) {
        response.status = 200;
        return response.set_content(reinterpret_cast<const char*>(page.bytes.data()),
                                    page.bytes.size(), std::string(page.content_type));
      }
    answer_not_found(response);
  }

  void answer_sample(const std::string& id, Response& response) {
    const auto samples = index();
    const auto place = samples->find(id);
    if (!place) return answer_error(response, 404, "there is no such sample");
    const Review verdicts = review();
    const auto verdict = verdicts.find(id);
    json sample =
        sample_json(root, archive, *samples, *place,
                    verdict == verdicts.end() ? std::nullopt : std::optional(verdict->second));
    sample["writable_token"] = access.write_token();
    answer_json(response, 200, sample);
  }

  // `{ID}.nii.gz`: the mask as drawn, however many files of the archive it has.
  void answer_drawn(std::string_view file, Response& response) {
    constexpr std::string_view ending = ".nii.gz";
    if (!file.ends_with(ending)) return answer_not_found(response);
    file.remove_suffix(ending.size());
    if (!index()->find(std::string(file))) return answer_not_found(response);
    response.status = 200;
    response.set_content(drawn_mask_image(root / dataset_folder, archive, std::string(file)),
                         "application/gzip");
  }

  // Whether a PUT was refused for its headers.
  bool refuse_put(const Request& request, Response& response, const std::string& path) {
    if (!path.starts_with(verdicts_path)) {
      response.set_header("Allow", "GET, HEAD");
      answer_error(response, 405, "only verdicts can be written");
    } else if (!is_same_secret(request.get_header_value("X-Nicohort-Token"),
                               access.write_token())) {
      answer_error(response, 403,
                   "the header X-Nicohort-Token is missing or wrong; load the page "
                   "again");
    } else if (request.get_header_value_count("Content-Length") != 1 ||
               request.has_header("Transfer-Encoding")) {
      answer_error(response, 411, "the request has no length");
    } else if (request.has_header("Content-Encoding")) {
      answer_error(response, 415, "the request must not be compressed");
    } else {
      return false;
    }
    return true;
  }

  void answer_put(const Request& request, Response& response) {
    // That it can be decoded and begins so is known from refuse_put().
    const std::string id = decode_percent(request.target.substr(0, request.target.find('?')))
                               .value()
                               .substr(verdicts_path.size());
    if (!index()->find(id)) return answer_error(response, 404, "there is no such sample");
    std::string fault;
    auto verdict = parse_verdict(request.body, fault);
    if (!verdict) return answer_error(response, 400, fault);
    verdict->time = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    put_verdict(review_path(), id, *verdict);
    answer_json(response, 200, verdict_json(*verdict));
  }

  std::mutex index_mutex;
  std::shared_ptr<const SampleIndex> index_now;
  std::string index_state;
};

ViewServer::ViewServer(const ViewOptions& options) : state_(std::make_unique<State>(options)) {}

ViewServer::~ViewServer() = default;

std::string ViewServer::address() const {
  return fmt::format("http://127.0.0.1:{}/?token={}", state_->access.port(),
                     state_->access.token());
}

void ViewServer::serve() {
  std::atomic<bool> is_over = false;
  std::thread listening([&] {
    state_->http.listen_after_bind();
    is_over = true;
  });
  // A signal handler may not do more than leave a mark, so somebody has to look for it.
  try {
    while (!is_over) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      stop_if_interrupted();
    }
  } catch (const Interrupted&) {
    // Only a server that runs can be stopped.
    while (!is_over && !state_->http.is_running())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    state_->http.stop_soon();
    listening.join();
    throw;
  }
  listening.join();
  throw MachineError("the server cannot accept connections any more; start it again");
}

}  // namespace nicohort
