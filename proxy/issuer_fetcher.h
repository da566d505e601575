#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "certs/digest.h"
#include "certs/known_issuers.h"
#include "certs/lru_map.h"
#include "proxy/deadline.h"
#include "proxy/http_url.h"

namespace visavis::proxy {

/// WantedIssuer is a certificate whose own issuer is neither sent nor known.
struct WantedIssuer {
  certs::Sha256 certificate{};  ///< SHA-256 of `der`
  std::vector<std::uint8_t> der;
  std::vector<std::string> urls;  ///< caIssuers of its authorityInfoAccess
};

/// IssuerFetcher gets issuers' certificates from where certificates say that they are
/// (--fetch-aia), by one plain HTTP GET, on a thread of its own. What it gets goes into
/// KnownIssuers, and is not trusted for that. Who asks for the URL is the peer that sent the
/// certificate: hence http alone, no redirect, no second try, and the limits below. Thread-safe.
/// Source: RFC 5280 4.2.2.1.
class IssuerFetcher {
 public:
  /// For one certificate, from its name's resolution to the last byte: a report waits for it.
  static constexpr Milliseconds kTimeLimit{3000};
  /// A certificate is 2 KiB, a bundle of a CA's some 10.
  static constexpr std::size_t kMaxBodyBytes = 100U * 1024;
  static constexpr std::uint32_t kMaxHeaderBytes = 8U * 1024;
  /// Fetches at once; what is asked for beyond is not fetched then. Keeps us from being the hammer
  /// of who sends ever new certificates.
  static constexpr std::size_t kMaxAtOnce = 8;
  /// Certificates whose outcome is remembered, so that none is asked for twice: some 200 bytes
  /// each.
  static constexpr std::size_t kRemembered = 1024;

  /// `known` must outlive the fetcher.
  explicit IssuerFetcher(certs::KnownIssuers& known);
  /// Ends what is under way; those that wait are told.
  ~IssuerFetcher();
  IssuerFetcher(const IssuerFetcher&) = delete;
  IssuerFetcher& operator=(const IssuerFetcher&) = delete;

  /// begin fetches, or joins the fetch of the same certificate that is under way, and calls `done`
  /// on another thread at its end. False: there is nothing to wait for, and `done` is not called.
  [[nodiscard]] bool begin(const WantedIssuer& wanted, std::function<void()> done);

  /// problem is why the issuer was not got, as a clause with the address; empty: it was, or nobody
  /// asked.
  [[nodiscard]] std::string problem(const WantedIssuer& wanted) const;

 private:
  struct Parts;
  void finish(const certs::Sha256& certificate, std::string problem);

  certs::KnownIssuers& known_;
  mutable std::mutex mutex_;
  mutable certs::LruMap<certs::Sha256, std::string, certs::Sha256Hash> outcomes_;
  std::map<certs::Sha256, std::vector<std::function<void()>>> under_way_;
  std::unique_ptr<Parts> parts_;
  std::thread thread_;
};

}  // namespace visavis::proxy
