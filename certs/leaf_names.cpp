#include "certs/leaf_names.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "certs/certificate_parts.h"
#include "certs/host_name.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

constexpr std::size_t kMaxCommonName = 64;  // RFC 5280 appendix A.1, ub-common-name

// Names and subject bytes taken over from a backend. Real certificates stay far below; a hostile
// one must not swell every leaf beyond the 100 kB at which OpenSSL's clients refuse a Certificate
// message.
constexpr std::size_t kMaxBackendNames = 512;
constexpr int kMaxSubjectBytes = 4096;

// RFC 6761 6.4: a name that resolves nowhere, for a leaf that nobody named.
constexpr std::string_view kNobody = "visavis.invalid";

// Collects subjectAltName entries, each valid one once.
class AltNames {
 public:
  AltNames() : names_(sk_GENERAL_NAME_new_null()) { require(names_ != nullptr); }

  void add_dns(std::string_view name) {
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    if (is_dns_name(name) && seen_.insert("DNS:" + lower_case(name)).second)
      append(GEN_DNS, V_ASN1_IA5STRING, std::span(name.data(), name.size()));
  }

  void add_address(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != 4 && bytes.size() != 16) return;
    if (seen_.insert("IP:" + std::string(bytes.begin(), bytes.end())).second)
      append(GEN_IPADD, V_ASN1_OCTET_STRING, bytes);
  }

  /// A host is a DNS name or an IP literal; anything else is not added.
  void add_host(std::string_view host) {
    if (const auto bytes = ip_address_bytes(host); !bytes.empty())
      add_address(bytes);
    else
      add_dns(host);
  }

  [[nodiscard]] bool empty() const { return seen_.empty(); }
  [[nodiscard]] std::size_t size() const { return seen_.size(); }
  [[nodiscard]] GeneralNamesPtr take() { return std::move(names_); }

 private:
  static void require(bool ok) {
    if (!ok) throw std::runtime_error("cannot write names: " + describe_openssl_errors());
  }

  template <class Byte>
  void append(int kind, int type, std::span<Byte> bytes) {
    ASN1_STRING* value = ASN1_STRING_type_new(type);
    GENERAL_NAME* name = GENERAL_NAME_new();
    const bool made = value != nullptr && name != nullptr &&
                      ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) == 1 &&
                      sk_GENERAL_NAME_push(names_.get(), name) > 0;
    if (!made) {
      ASN1_STRING_free(value);
      GENERAL_NAME_free(name);
    }
    require(made);
    GENERAL_NAME_set0_value(name, kind, value);
  }

  GeneralNamesPtr names_;
  std::set<std::string> seen_;
};

std::string_view text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

void add_backend_names(AltNames& names, const X509* backend) {
  const ErrorMark mark;
  const GeneralNamesPtr sent(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(backend, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; sent && i < sk_GENERAL_NAME_num(sent.get()); ++i) {
    if (names.size() >= kMaxBackendNames) return;
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(sent.get(), i);
    if (name->type == GEN_DNS) names.add_dns(text_of(name->d.dNSName));
    if (name->type != GEN_IPADD) continue;
    const std::string_view bytes = text_of(name->d.iPAddress);
    names.add_address({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
  // Certificates from before 2000 (RFC 2818 3.1) name their host in the CN only.
  if (names.empty()) names.add_host(common_name_text(X509_get_subject_name(backend)));
}

bool may_be_subject(const X509_NAME* name, const X509_NAME& authority) {
  // A leaf named as its issuer would pass for self-issued.
  return i2d_X509_NAME(name, nullptr) <= kMaxSubjectBytes && X509_NAME_cmp(name, &authority) != 0;
}

X509NamePtr leaf_subject(const X509* backend, const X509_NAME& authority, std::string_view host) {
  const X509_NAME* sent = backend == nullptr ? nullptr : X509_get_subject_name(backend);
  X509NamePtr subject(sent != nullptr && may_be_subject(sent, authority) ? X509_NAME_dup(sent)
                                                                         : nullptr);
  if (subject) return subject;
  subject.reset(X509_NAME_new());
  if (!subject) throw std::runtime_error("cannot write a name: " + describe_openssl_errors());
  const bool named = is_dns_name(host) || !ip_address_bytes(host).empty();
  if (named && host.size() <= kMaxCommonName)
    add_name_text(*subject, NID_commonName, host);
  else
    add_name_text(*subject, NID_organizationName, "visavis");
  return subject;
}

}  // namespace

LeafNames leaf_names(const x509_st* backend, const X509_name_st& authority,
                     std::string_view server_name, std::string_view address) {
  AltNames names;
  if (backend != nullptr) add_backend_names(names, backend);
  names.add_host(server_name);
  if (const auto bytes = ip_address_bytes(address); !bytes.empty()) names.add_address(bytes);
  if (names.empty()) names.add_dns(kNobody);
  return {leaf_subject(backend, authority, server_name.empty() ? address : server_name),
          names.take()};
}

}  // namespace visavis::certs
