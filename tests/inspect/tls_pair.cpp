#include "tests/inspect/tls_pair.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "tests/support/test_certificates.h"

namespace visavis::test {
namespace {

using inspect::Direction;

constexpr std::size_t kPieceBytes = 16384;  // a full record's plaintext

/// RSA: suites that encrypt the premaster secret need it.
const testing::TestCertificate& identity() {
  static const testing::TestCertificate made = [] {
    testing::CertificateSpec spec = testing::leaf_spec("localhost");
    spec.key = testing::TestKey::rsa_2048;
    return testing::make_certificate(spec);
  }();
  return made;
}

void on_key(const SSL* ssl, const char* line) {
  static_cast<TlsPair*>(SSL_get_ex_data(ssl, 0))->key_log += std::string(line) + "\n";
}

void apply(SSL_CTX* context, const TlsPairOptions& options) {
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, options.version);
  SSL_CTX_set_max_proto_version(context, options.version);
  if (!options.suites.empty()) {
    const int taken =
        options.version == TLS1_3_VERSION
            ? SSL_CTX_set_ciphersuites(context, options.suites.c_str())
            : SSL_CTX_set_cipher_list(context, (options.suites + ":@SECLEVEL=0").c_str());
    EXPECT_EQ(taken, 1) << options.suites;
  }
  if (!options.encrypt_then_mac) SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
  SSL_CTX_set_options(context, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  if (options.empty_fragments) SSL_CTX_clear_options(context, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  SSL_CTX_use_certificate(context, identity().certificate());
  SSL_CTX_use_PrivateKey(context, identity().key());
}

}  // namespace

TlsParties::TlsParties(const TlsPairOptions& options)
    : client(SSL_CTX_new(TLS_client_method())), server(SSL_CTX_new(TLS_server_method())) {
  apply(client, options);
  apply(server, options);
  SSL_CTX_set_keylog_callback(client, on_key);
  SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT);
  if (!options.tickets) SSL_CTX_set_num_tickets(server, 0);
  if (!options.server_groups.empty()) {
    EXPECT_EQ(SSL_CTX_set1_groups_list(server, options.server_groups.c_str()), 1);
  }
  SSL_CTX_set_max_early_data(server, options.early_data);
  if (options.client_certificate)
    SSL_CTX_set_verify(server, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
}

TlsParties::~TlsParties() {
  SSL_CTX_free(client);
  SSL_CTX_free(server);
}

TlsPair::TlsPair(TlsParties& parties, ssl_session_st* resumed)
    : client_(SSL_new(parties.client)), server_(SSL_new(parties.server)) {
  prepare(client_);
  prepare(server_);
  SSL_set_connect_state(client_);
  SSL_set_accept_state(server_);
  if (resumed != nullptr) SSL_set_session(client_, resumed);
}

TlsPair::~TlsPair() {
  SSL_free(client_);
  SSL_free(server_);
  ERR_clear_error();
}

void TlsPair::prepare(ssl_st* ssl) {
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_ex_data(ssl, 0, this);
  SSL_set_msg_callback(ssl, &TlsPair::on_message);
  SSL_set_msg_callback_arg(ssl, this);
}

void TlsPair::on_message(int write, int, int type, const void* bytes, std::size_t length,
                         ssl_st* ssl, void* self) {
  auto& pair = *static_cast<TlsPair*>(self);
  if (write == 0) return;
  const Direction direction = ssl == pair.client_ ? Direction::c2s : Direction::s2c;
  const auto* body = static_cast<const std::uint8_t*>(bytes);
  if (type == SSL3_RT_HANDSHAKE) pair.messages[direction].push_back(body[0]);
  if (type == SSL3_RT_ALERT && length == 2) pair.alerts[direction].push_back(body[1]);
}

/// Each side's output becomes the other's input, and a step of the dialogue.
void TlsPair::carry() {
  for (const bool client : {true, false}) {
    BIO* from = SSL_get_wbio(party(client));
    ByteVector bytes(BIO_ctrl_pending(from));
    if (bytes.empty()) continue;
    BIO_read(from, bytes.data(), static_cast<int>(bytes.size()));
    BIO_write(SSL_get_rbio(party(!client)), bytes.data(), static_cast<int>(bytes.size()));
    dialogue.push_back({client ? Direction::c2s : Direction::s2c, std::move(bytes)});
  }
}

bool TlsPair::handshake() {
  for (int round = 0; round < 10; ++round) {
    const int client = SSL_do_handshake(client_);
    carry();
    const int server = SSL_do_handshake(server_);
    carry();
    if (client == 1 && server == 1) {
      read(true);  // tickets
      return true;
    }
  }
  return false;
}

void TlsPair::read(bool client) {
  std::array<char, kPieceBytes> buffer{};
  while (SSL_read(party(client), buffer.data(), static_cast<int>(buffer.size())) > 0) carry();
  carry();
}

void TlsPair::send(bool client, const std::string& sent) {
  EXPECT_EQ(SSL_write(party(client), sent.data(), static_cast<int>(sent.size())),
            static_cast<int>(sent.size()));
  text[client ? Direction::c2s : Direction::s2c] += sent;
  carry();
  read(!client);
  read(client);
}

void TlsPair::send_early(const std::string& sent, bool server_reads) {
  std::size_t count = 0;
  EXPECT_EQ(SSL_write_early_data(client_, sent.data(), sent.size(), &count), 1);
  text.c2s += sent;
  carry();
  if (!server_reads) return;
  std::array<char, kPieceBytes> buffer{};
  EXPECT_EQ(SSL_read_early_data(server_, buffer.data(), buffer.size(), &count),
            SSL_READ_EARLY_DATA_SUCCESS);
  carry();
}

void TlsPair::key_update(bool client, bool ask_back) {
  EXPECT_EQ(SSL_key_update(party(client),
                           ask_back ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED),
            1);
  EXPECT_EQ(SSL_do_handshake(party(client)), 1);
  carry();
  read(!client);
  read(client);
}

void TlsPair::renegotiate() {
  EXPECT_EQ(SSL_renegotiate(server_), 1);
  SSL_do_handshake(server_);
  carry();
  for (int round = 0; round < 4; ++round) {
    read(true);
    read(false);
  }
}

void TlsPair::close() {
  for (const bool client : {true, false}) {
    SSL_shutdown(party(client));
    carry();
  }
}

ssl_session_st* TlsPair::session() const { return SSL_get1_session(client_); }

}  // namespace visavis::test
