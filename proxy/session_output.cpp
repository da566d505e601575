#include "proxy/session_output.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "inspect/report/json_report.h"
#include "inspect/report/json_writer.h"

namespace visavis::proxy {
namespace {

/// Output that is held back for more to join it, at most.
constexpr std::size_t kFlushBytes = 64U * 1024;

/// Writes all of it, in one call where the system takes it. False: errno says why.
bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {  // whoever started us may have made the pipe non-blocking
      pollfd room{file, POLLOUT, 0};
      (void)::poll(&room, 1, -1);
      continue;
    }
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

SessionOutput::SessionOutput(OutputOptions options) : options_(std::move(options)) {
  if (options_.har) har_ = std::make_unique<HarFile>(*options_.har, options_.version);
  if (!options_.log) return;
  log_ = ::open(options_.log->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_ < 0)
    throw std::runtime_error("--log " + options_.log->string() + ": " + std::strerror(errno));
}

SessionOutput::~SessionOutput() {
  if (log_ >= 0) ::close(log_);
}

void SessionOutput::take(const inspect::SessionReport& session) {
  if (log_ >= 0 || options_.json) {
    inspect::JsonWriter json(json_);
    write_json(json, session);
    json_ += '\n';
  }
  if (har_) har_->take(session);
  if (!options_.json) text_ += inspect::render_text(session, options_.style);
  if (json_.size() + text_.size() > kFlushBytes) flush();
}

void SessionOutput::flush() {
  // Nobody reads stdout any more (a closed pipe): the log and the sessions go on.
  (void)write_all(STDOUT_FILENO, options_.json ? json_ : text_);
  if (log_ >= 0 && !write_all(log_, json_)) {
    spdlog::error("--log {}: {}: sessions are no longer logged", options_.log->string(),
                  std::strerror(errno));
    ::close(log_);  // half a line may be there: more after it would not be read
    log_ = -1;
  }
  if (har_) har_->flush();
  json_.clear();  // their memory is kept
  text_.clear();
}

}  // namespace visavis::proxy
