#include "proxy/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

#include "certs/openssl_error.h"
#include "inspect/bytes/limits.h"
#include "proxy/chain_judge.h"
#include "proxy/openssl_names.h"

namespace visavis::proxy {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("OpenSSL: ") + what + ": " +
                           certs::describe_openssl_errors());
}

SslContextPtr new_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method), SslFree{});
  if (!context) fail("no context");
  SSL_CTX* raw = context.get();
  // The machine's openssl.cnf may ask for TLS 1.2 and level 2: a diagnosis needs all that there is.
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_cert_verify_callback(raw, ask_chain_judge, nullptr);
  SSL_CTX_set_min_proto_version(raw, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  // Fixed here because OpenSSL reads it at key setup. A backend leg does not split by itself.
  SSL_CTX_set_options(raw, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS | SSL_OP_NO_COMPRESSION);
  return context;
}

/// False when OpenSSL has no suite of the shape.
bool set_suites(SSL_CTX* context, const HelloShape& shape) {
  const OpensslSuites suites = openssl_suites(shape.suites);
  const bool legacy = !suites.up_to_tls12.empty();
  const bool modern = !suites.tls13.empty() && shape.max_version >= TLS1_3_VERSION;
  // With no suite for the highest version OpenSSL makes no hello at all.
  if (!modern && shape.max_version >= TLS1_3_VERSION)
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  // An empty list would leave OpenSSL's own suites in place: offer what the client did not.
  if (SSL_CTX_set_ciphersuites(context, suites.tls13.c_str()) != 1) return false;
  if (legacy) {
    const std::string list = suites.up_to_tls12 + ":@SECLEVEL=0";
    if (SSL_CTX_set_cipher_list(context, list.c_str()) != 1) return false;
  } else if (modern) {
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  }
  ERR_clear_error();
  return legacy || modern;
}

void set_options(SSL_CTX* context, const HelloShape& shape) {
  std::uint64_t options = SSL_OP_LEGACY_SERVER_CONNECT;
  if (!shape.session_ticket) options |= SSL_OP_NO_TICKET;
  if (!shape.extended_master_secret) options |= SSL_OP_NO_EXTENDED_MASTER_SECRET;
  if (!shape.encrypt_then_mac) options |= SSL_OP_NO_ENCRYPT_THEN_MAC;
  SSL_CTX_set_options(context, options);
  if (!shape.middlebox_compat) SSL_CTX_clear_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
  if (shape.fallback_scsv) SSL_CTX_set_mode(context, SSL_MODE_SEND_FALLBACK_SCSV);
  if (shape.status_request) SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  if (shape.max_fragment_length != 0)
    SSL_CTX_set_tlsext_max_fragment_length(context, shape.max_fragment_length);
  SSL_CTX_set_post_handshake_auth(context, shape.post_handshake_auth ? 1 : 0);
}

void use_certificate(SSL_CTX* context, x509_st* certificate, evp_pkey_st* key,
                     const std::vector<certs::X509Ptr>& chain) {
  if (SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1)
    fail("certificate");
  for (const auto& issuer : chain)
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) fail("chain");
}

/// Kept hangs on a leg's SSL: where a backend's session goes, or whether a client's ticket counts.
struct Kept {
  ResumptionStore* store = nullptr;
  std::string key;
};

void free_kept(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Kept*>(data);
}

int kept_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, free_kept);
  return index;
}

/// A copy is kept: OpenSSL bars the session itself from further use when its connection ends
/// without close_notify. 0: the reference stays OpenSSL's.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  const auto* kept = static_cast<const Kept*>(SSL_get_ex_data(ssl, kept_index()));
  if (kept != nullptr) kept->store->put(kept->key, SslSessionPtr(SSL_SESSION_dup(session)));
  return 0;
}

/// A ticket counts only where the backend has resumed, too; else the client gets a new one.
SSL_TICKET_RETURN judge_ticket(SSL* ssl, SSL_SESSION*, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void*) {
  const bool readable = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  const bool allowed = SSL_get_ex_data(ssl, kept_index()) != nullptr;
  return readable && allowed ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_IGNORE_RENEW;
}

/// The same keys in every thread: a client's next connection may come to another one.
void issue_tickets(SSL_CTX* context, const ResumptionStore& store) {
  constexpr unsigned char kSessionContext[] = "visavis";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext);
  ResumptionStore::TicketKeys keys = store.ticket_keys();
  SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_TICKET_KEYS, static_cast<long>(keys.size()),
               keys.data());
  SSL_CTX_set_session_ticket_cb(context, nullptr, judge_ticket, nullptr);
}

/// The sink hangs on the SSL as application data that is not its own.
int key_log_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void log_key(const SSL* ssl, const char* line) {
  auto* sink = static_cast<KeyLogSink*>(SSL_get_ex_data(ssl, key_log_index()));
  if (sink != nullptr) sink->secret(line);
}

SslContextPtr make_backend_context(const std::optional<HelloShape>& shape,
                                   const certs::CertifiedKey* client_certificate, bool resume) {
  SslContextPtr context = new_context(TLS_client_method());
  SSL_CTX* raw = context.get();
  // By default 100 KiB, and the handshake ends there: what other clients can't take is to be seen.
  SSL_CTX_set_max_cert_list(raw, long{inspect::limits::kMaxHandshakeMessageBytes});
  if (resume) {
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, keep_session);
  }
  if (client_certificate != nullptr)
    use_certificate(raw, client_certificate->certificate.get(), client_certificate->key.get(),
                    client_certificate->chain);
  if (!shape) {
    SSL_CTX_set_cipher_list(raw, "DEFAULT:@SECLEVEL=0");
    SSL_CTX_set_options(raw, SSL_OP_LEGACY_SERVER_CONNECT);
    return context;
  }
  SSL_CTX_set_min_proto_version(raw, shape->min_version);
  SSL_CTX_set_max_proto_version(raw, shape->max_version);
  if (!set_suites(raw, *shape)) return nullptr;
  const std::string groups = openssl_groups(shape->groups);
  if (!groups.empty() && SSL_CTX_set1_groups_list(raw, groups.c_str()) != 1) fail("groups");
  const std::string schemes = openssl_signature_schemes(shape->signature_schemes);
  if (!schemes.empty() && SSL_CTX_set1_sigalgs_list(raw, schemes.c_str()) != 1)
    fail("signature schemes");
  set_options(raw, *shape);
  return context;
}

/// The ALPN answer hangs on the SSL as application data: a pointer to the session's own string.
void free_alpn(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<std::string*>(data);
}

int alpn_index() {
  // The function behind SSL_get_ex_new_index, whose macro casts in the old style.
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, free_alpn);
  return index;
}

int select_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* length,
                const unsigned char* offered, unsigned int offered_length, void*) {
  const auto* wanted = static_cast<const std::string*>(SSL_get_ex_data(ssl, alpn_index()));
  if (wanted == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (unsigned int i = 0; i + 1 + offered[i] <= offered_length; i += 1U + offered[i]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + i + 1), offered[i]);
    if (name != *wanted) continue;
    *chosen = offered + i + 1;
    *length = offered[i];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

void set_answer(SSL_CTX* context, const AnswerShape& shape) {
  if (shape.version == 0) {
    SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
    return;
  }
  SSL_CTX_set_min_proto_version(context, shape.version);
  SSL_CTX_set_max_proto_version(context, shape.version);
  const OpensslSuites suites = openssl_suites({shape.suite});
  // The backend's suite first. Others follow for what no minted leaf can serve (anonymous, PSK,
  // DSS).
  const std::string list =
      (suites.up_to_tls12.empty() ? "" : suites.up_to_tls12 + ":") + "ALL:@SECLEVEL=0";
  SSL_CTX_set_cipher_list(context, list.c_str());
  if (!suites.tls13.empty()) SSL_CTX_set_ciphersuites(context, suites.tls13.c_str());
  const std::string group = openssl_groups({shape.group});
  if (!group.empty()) SSL_CTX_set1_groups_list(context, group.c_str());
  if (!shape.extended_master_secret) SSL_CTX_set_options(context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
  if (!shape.encrypt_then_mac) SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
  ERR_clear_error();
}

}  // namespace

SslPtr TlsContexts::backend_ssl(const std::optional<HelloShape>& shape,
                                const std::string& server_name,
                                const std::vector<std::string>& alpn) {
  const SslContextPtr context =
      backend_contexts_.find_or_make(shape ? shape_key(*shape) : std::string("default"), [&] {
        SslContextPtr made =
            make_backend_context(shape, client_certificate_.get(), resumption_ != nullptr);
        if (made && key_log_) SSL_CTX_set_keylog_callback(made.get(), log_key);
        return made;
      });
  if (!context) return nullptr;
  SslPtr ssl(SSL_new(context.get()));
  if (!ssl) fail("no SSL");
  if (!server_name.empty()) {
    std::string name = server_name;  // what SSL_set_tlsext_host_name does, without its C cast
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  std::string protocols;
  for (const std::string& name : alpn) {
    if (name.empty() || name.size() > 255) continue;
    protocols += static_cast<char>(name.size());
    protocols += name;
  }
  if (!protocols.empty())
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  return ssl;
}

SslPtr TlsContexts::client_ssl(const AnswerShape& shape,
                               const std::vector<std::shared_ptr<const certs::Leaf>>& leaves,
                               const std::optional<std::string>& alpn) {
  std::string key = std::to_string(shape.version) + '/' + std::to_string(shape.suite) + '/' +
                    std::to_string(shape.group) + (shape.extended_master_secret ? "/e" : "/") +
                    (shape.encrypt_then_mac ? "/m" : "/");
  for (const auto& leaf : leaves) key += '/' + leaf->id;
  const SslContextPtr context = client_contexts_.find_or_make(key, [&] {
    SslContextPtr made = new_context(TLS_server_method());
    SSL_CTX* raw = made.get();
    SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (key_log_) SSL_CTX_set_keylog_callback(raw, log_key);
    if (resumption_ != nullptr) {
      issue_tickets(raw, *resumption_);
    } else {
      // No client's hello may ever carry a ticket or session id of ours to a backend.
      SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(raw, 0);
    }
    SSL_CTX_set_dh_auto(raw, 1);
    SSL_CTX_set_alpn_select_cb(raw, select_alpn, nullptr);
    set_answer(raw, shape);
    for (const auto& leaf : leaves)
      use_certificate(raw, leaf->certificate.get(), leaf->key.get(), leaf->chain);
    return made;
  });
  SslPtr ssl(SSL_new(context.get()));
  if (!ssl) fail("no SSL");
  if (alpn) SSL_set_ex_data(ssl.get(), alpn_index(), new std::string(*alpn));
  return ssl;
}

void TlsContexts::mirror_resumption(ssl_st* ssl, const std::string& key, bool offer) {
  SSL_set_ex_data(ssl, kept_index(), new Kept{resumption_, key});
  if (!offer) return;
  if (const SslSessionPtr session = resumption_->find(key)) SSL_set_session(ssl, session.get());
}

void TlsContexts::log_keys(ssl_st* ssl, KeyLogSink& sink) {
  SSL_set_ex_data(ssl, key_log_index(), &sink);
}

void TlsContexts::allow_resumption(ssl_st* ssl) { SSL_set_ex_data(ssl, kept_index(), new Kept{}); }

}  // namespace visavis::proxy
