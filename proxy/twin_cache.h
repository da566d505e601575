#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "certs/digest.h"
#include "inspect/handshake/client_hello.h"
#include "inspect/report/session_report.h"

namespace visavis::proxy {

/// TwinKey names a shape of hello at one backend.
using TwinKey = certs::Sha256;

/// twin_key is equal for two hellos of which a backend sees no difference but in what every
/// connection has anew: randoms, session ids, key shares, tickets and GREASE are left out, and the
/// order of the extensions but for the last (some clients shuffle them). The server name and the
/// sizes of the TCP segments count.
TwinKey twin_key(const inspect::ClientHello& hello, const std::vector<std::uint32_t>& segments,
                 const std::string& backend);

/// TwinCache keeps what direct twins showed, and decides whether another may be sent: a twin is a
/// connection that nobody asked for. Thread-safe; it asks no clock.
class TwinCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Twins that run at once in the whole process: they are descriptors, and load on backends.
  static constexpr std::size_t kMaxRunning = 32;
  /// Twins sent to one backend at once or in a row, and further ones per second.
  static constexpr double kBurst = 20;
  static constexpr double kPerSecond = 5;
  /// What is kept, at most: clients and names change without end.
  static constexpr std::size_t kMaxEntries = 1024;
  static constexpr std::size_t kMaxBackends = 1024;
  /// How long a twin speaks for others: backends are reconfigured.
  static constexpr std::chrono::seconds kMaxAge{600};
  /// How long it speaks for a session that failed, where no other twin may be sent.
  static constexpr std::chrono::seconds kMaxAgeOfFailure{10};

  /// Wanted is why a session asks: for a hello of a shape not seen before, because a leg failed, or
  /// because the user wants one for every session (no rate is kept then).
  enum class Wanted { new_shape, failure, always };

  /// Permit allows one twin while it lives.
  class Permit {
   public:
    Permit(TwinCache& cache, const TwinKey& key) : cache_(&cache), key_(key) {}
    Permit(Permit&& other) noexcept
        : cache_(std::exchange(other.cache_, nullptr)), key_(other.key_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (cache_ != nullptr) cache_->give_back(key_);
    }

   private:
    TwinCache* cache_;
    TwinKey key_;
  };

  /// Answer holds a permit, an earlier twin's result, or why there is neither.
  struct Answer {
    std::optional<Permit> permit;
    std::optional<inspect::TwinReport> earlier;  ///< `cached`, with its age
    std::string_view refused{};                  ///< half a sentence; a string literal
  };
  /// What Answer::refused can say.
  static constexpr std::string_view kOneRuns =
      "another session's trial with a hello of this shape was not over yet";
  static constexpr std::string_view kManyRun = "as many trials run at once as may (32)";
  static constexpr std::string_view kRateReached =
      "this backend gets no more than 20 trials in a row and 5 a second (--twin always keeps no "
      "rate)";

  [[nodiscard]] Answer ask(const TwinKey& key, const std::string& backend, Wanted wanted, Time now);
  void store(const TwinKey& key, inspect::TwinReport report, Time now);

 private:
  struct Entry {
    inspect::TwinReport report;
    Time at;
  };
  /// Bucket is filled with kPerSecond twins a second, up to kBurst.
  struct Bucket {
    double twins = kBurst;
    Time at;
  };

  [[nodiscard]] std::optional<inspect::TwinReport> find(const TwinKey& key,
                                                        std::chrono::seconds max_age,
                                                        Time now) const;
  [[nodiscard]] bool take_from_bucket(const std::string& backend, Time now);
  void give_back(const TwinKey& key);

  std::mutex mutex_;
  std::unordered_map<TwinKey, Entry, certs::Sha256Hash> entries_;
  std::deque<TwinKey> oldest_first_;
  std::unordered_map<std::string, Bucket> buckets_;
  std::unordered_multiset<TwinKey, certs::Sha256Hash> running_;
};

}  // namespace visavis::proxy
