#include "proxy/twin_cache.h"

#include <algorithm>
#include <array>

#include "inspect/codepoint/grease.h"

namespace visavis::proxy {
namespace {

static_assert(TwinCache::kMaxRunning == 32 && TwinCache::kBurst == 20 && TwinCache::kPerSecond == 5,
              "kManyRun and kRateReached name them");

constexpr std::uint16_t kAnyGrease = 0x0a0a;
constexpr inspect::ExtensionType kPadding{21};
constexpr inspect::ExtensionType kCookie{44};
constexpr inspect::ExtensionType kEncryptedClientHello{0xfe0d};

std::uint16_t shape_of(std::uint16_t value) {
  return inspect::is_grease(value) ? kAnyGrease : value;
}

/// ShapeText writes a hello's shape, each part with its length.
class ShapeText {
 public:
  void number(std::size_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) text_ += static_cast<char>(value >> shift & 0xff);
  }
  void bytes(std::string_view bytes) {
    number(bytes.size());
    text_ += bytes;
  }
  template <class T>
  void points(const std::vector<T>& points) {
    number(points.size());
    for (const T& point : points) number(shape_of(point.value));
  }
  [[nodiscard]] std::string_view from(std::size_t begin) const {
    return std::string_view(text_).substr(begin);
  }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  void reserve(std::size_t size) { text_.reserve(size); }
  [[nodiscard]] certs::Sha256 digest() const {
    return certs::sha256({reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size()});
  }

 private:
  std::string text_;
};

/// What every connection has anew.
bool is_fresh(inspect::ExtensionType type) {
  constexpr std::array kFresh{kPadding, kCookie, kEncryptedClientHello, inspect::kPreSharedKey};
  return std::find(kFresh.begin(), kFresh.end(), type) != kFresh.end();
}

void write_extension(const inspect::ClientHello& hello, const inspect::Extension& extension,
                     ShapeText& text) {
  const std::uint16_t type = shape_of(extension.type.value);
  text.number(type);
  if (type == kAnyGrease || is_fresh(extension.type)) return;
  const inspect::Bytes body = hello.body(extension);
  if (extension.type == inspect::kSessionTicket)
    text.number(extension.length > 0 ? 1 : 0);
  else if (extension.type == inspect::kKeyShare && hello.key_share_groups)
    text.points(*hello.key_share_groups);
  else if (extension.type == inspect::kSupportedGroups && hello.groups)
    text.points(*hello.groups);
  else if (extension.type == inspect::kSupportedVersions && hello.supported_versions)
    text.points(*hello.supported_versions);
  else
    text.bytes({reinterpret_cast<const char*>(body.data()), body.size()});
}

/// The extensions in an order of our own, and which was the last: servers are known that stumble
/// over that.
void write_extensions(const inspect::ClientHello& hello, ShapeText& text) {
  ShapeText each;
  each.reserve(hello.raw.size());
  std::vector<std::size_t> begins;
  begins.reserve(hello.extensions.size());
  for (const inspect::Extension& extension : hello.extensions) {
    begins.push_back(each.size());
    write_extension(hello, extension, each);
  }
  std::vector<std::string_view> shapes;
  shapes.reserve(begins.size());
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : each.size();
    shapes.push_back(each.from(begins[i]).substr(0, end - begins[i]));
  }
  if (!shapes.empty()) text.bytes(shapes.back());
  std::sort(shapes.begin(), shapes.end());
  for (const std::string_view shape : shapes) text.bytes(shape);
}

}  // namespace

TwinKey twin_key(const inspect::ClientHello& hello, const std::vector<std::uint32_t>& segments,
                 const std::string& backend) {
  ShapeText text;
  text.reserve(2 * hello.raw.size() + backend.size());
  text.bytes(backend);
  text.number(segments.size());
  for (const std::uint32_t size : segments) text.number(size);
  text.number(hello.record_version.value);
  text.number(hello.legacy_version.value);
  text.number((hello.sslv2 ? 2U : 0U) + (hello.session_id.empty() ? 0U : 1U));
  text.points(hello.ciphers);
  text.number(hello.sslv2_cipher_specs.size());
  for (const std::uint32_t spec : hello.sslv2_cipher_specs) text.number(spec);
  text.bytes(inspect::to_string(hello.compression));
  write_extensions(hello, text);
  return text.digest();
}

TwinCache::Answer TwinCache::ask(const TwinKey& key, const std::string& backend, Wanted wanted,
                                 Time now) {
  const std::lock_guard lock(mutex_);
  Answer answer;
  if (wanted == Wanted::new_shape) {
    answer.earlier = find(key, kMaxAge, now);
    if (answer.earlier) return answer;
    if (running_.contains(key)) answer.refused = kOneRuns;
  }
  if (running_.size() >= kMaxRunning) answer.refused = kManyRun;
  if (answer.refused.empty() && wanted != Wanted::always && !take_from_bucket(backend, now))
    answer.refused = kRateReached;
  if (answer.refused.empty()) {
    running_.insert(key);
    answer.permit.emplace(*this, key);
  } else if (wanted == Wanted::failure) {
    answer.earlier = find(key, kMaxAgeOfFailure, now);
    if (answer.earlier) answer.refused = {};
  }
  return answer;
}

std::optional<inspect::TwinReport> TwinCache::find(const TwinKey& key, std::chrono::seconds max_age,
                                                   Time now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || now - found->second.at > max_age) return std::nullopt;
  inspect::TwinReport report = found->second.report;
  report.cached = true;
  report.age_s = std::chrono::duration<double>(now - found->second.at).count();
  return report;
}

bool TwinCache::take_from_bucket(const std::string& backend, Time now) {
  const auto filled = [now](const Bucket& bucket) {
    const double seconds = std::chrono::duration<double>(now - bucket.at).count();
    return std::min(kBurst, bucket.twins + seconds * kPerSecond);
  };
  auto found = buckets_.find(backend);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kMaxBackends)
      std::erase_if(buckets_, [&](const auto& each) { return filled(each.second) >= kBurst; });
    if (buckets_.size() >= kMaxBackends) return false;
    found = buckets_.emplace(backend, Bucket{kBurst, now}).first;
  }
  Bucket& bucket = found->second;
  bucket.twins = filled(bucket);
  bucket.at = now;
  if (bucket.twins < 1) return false;
  bucket.twins -= 1;
  return true;
}

void TwinCache::store(const TwinKey& key, inspect::TwinReport report, Time now) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = entries_.insert_or_assign(key, Entry{std::move(report), now});
  if (!is_new) std::erase(oldest_first_, key);
  oldest_first_.push_back(key);
  if (entries_.size() <= kMaxEntries) return;
  entries_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

void TwinCache::give_back(const TwinKey& key) {
  const std::lock_guard lock(mutex_);
  running_.extract(key);
}

}  // namespace visavis::proxy
