#pragma once
#include <cstddef>

namespace visavis::proxy {

/// HelloPolicy is what the backend leg offers: what the client offers, or OpenSSL's own hello.
enum class HelloPolicy { mirror, openssl_default };

/// AnswerPolicy is what the client leg answers: what the backend answered, or the best of both.
enum class AnswerPolicy { mirror, own };

/// Mode is what the proxy does with a connection: end the TLS on both legs, pass the bytes on
/// untouched and read what is in clear, or the first of these that is possible with this client.
enum class Mode { terminate, passthrough, automatic };

/// VerifyPolicy is what a chain that we do not trust leads to: a report, or no connection.
enum class VerifyPolicy { report, enforce };

/// TwinPolicy says when the client's own hello is tried on the backend as well: when a leg failed
/// and once per new shape of hello, with every session, or never.
enum class TwinPolicy { automatic, always, never };

/// SplitPolicy is how application data is cut into records on the backend leg. DESIGN section 4.
struct SplitPolicy {
  enum class Kind {
    keep,             ///< as the client cut it
    none,             ///< what belongs together in one record, as Fiddler sends it
    one_n_minus_one,  ///< each write as 1 byte and the rest
    zero_n,           ///< an empty record before each write: TLS 1.0 and a CBC suite only
    max               ///< records of `max_bytes` at most
  } kind = Kind::keep;
  std::size_t max_bytes = 0;  ///< plaintext, 1 to 16384; for `max`
};

/// SplitSegments says in how many TCP segments the two records of a split leave: as the client sent
/// them, both in one, or each in one of its own.
enum class SplitSegments { keep, one, two };

}  // namespace visavis::proxy
