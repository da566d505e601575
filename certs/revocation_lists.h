#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

struct x509_st;

namespace visavis::certs {

/// Bytes of a CRL file, at most. The largest public ones have some 50 MB; in memory they take about
/// eight times as much.
inline constexpr std::size_t kMaxCrlFileBytes = 64U << 20;

/// RevocationLists are the CRLs that a user gave. Filled and sorted at start; from then on read by
/// any thread. Source: RFC 5280 5 and 6.3.
class RevocationLists {
 public:
  RevocationLists();
  ~RevocationLists();
  RevocationLists(RevocationLists&&) noexcept;
  RevocationLists& operator=(RevocationLists&&) noexcept;

  /// add_file adds the CRLs of a file, one in DER or all of a PEM file. Throws std::runtime_error,
  /// one line that names file and cause: missing, too large, no CRL in it.
  void add_file(const std::filesystem::path& file);

  /// revokes tells whether a CRL by `issuer` lists the certificate. A CRL's signature is checked
  /// the first time that an issuer is held against it, and remembered; the list itself was hashed
  /// when it was read (0.1 s for 50 MB). A CRL that is another's says nothing. An old CRL counts:
  /// what was withdrawn is not given back. Thread-safe, never throws.
  [[nodiscard]] bool revokes(x509_st* certificate, x509_st* issuer) const;

  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct List;
  std::vector<std::unique_ptr<List>> lists_;
};

}  // namespace visavis::certs
