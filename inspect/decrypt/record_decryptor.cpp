#include "inspect/decrypt/record_decryptor.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "inspect/decrypt/error_mark.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kShortTagBytes = 8;
constexpr std::size_t kExplicitNonceBytes = 8;
constexpr std::size_t kNonceBytes = 12;

struct FreeEvp {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

/// The header that a MAC and authenticated encryption up to TLS 1.2 cover: RFC 5246 6.2.3.1.
std::array<std::uint8_t, 13> covered_header(std::uint64_t sequence, ContentType type,
                                            ProtocolVersion version, std::size_t length) {
  std::array<std::uint8_t, 13> header{};
  for (std::size_t i = 0; i < 8; ++i)
    header[i] = static_cast<std::uint8_t>(sequence >> (8 * (7 - i)));
  header[8] = type.value;
  header[9] = static_cast<std::uint8_t>(version.value >> 8);
  header[10] = static_cast<std::uint8_t>(version.value);
  header[11] = static_cast<std::uint8_t>(length >> 8);
  header[12] = static_cast<std::uint8_t>(length);
  return header;
}

int size_of(Bytes bytes) { return static_cast<int>(bytes.size()); }

bool is_ccm(CipherMode mode) { return mode == CipherMode::ccm || mode == CipherMode::ccm8; }

std::size_t tag_bytes(CipherMode mode) {
  return mode == CipherMode::ccm8 ? kShortTagBytes : kTagBytes;
}

}  // namespace

/// Fetched and keyed once: a record costs its nonce and its bytes.
struct RecordDecryptor::Openssl {
  std::unique_ptr<EVP_CIPHER, FreeEvp> cipher;
  std::unique_ptr<EVP_CIPHER_CTX, FreeEvp> context;
  std::unique_ptr<EVP_MAC, FreeEvp> hmac;
  std::unique_ptr<EVP_MAC_CTX, FreeEvp> mac;
};

std::unique_ptr<RecordDecryptor> RecordDecryptor::make(ProtocolVersion version,
                                                       const CipherParameters& cipher,
                                                       const DirectionKeys& keys,
                                                       bool encrypt_then_mac) {
  const ErrorMark mark;
  std::unique_ptr<RecordDecryptor> made(
      new RecordDecryptor(version, cipher, keys, encrypt_then_mac));
  if (!made->prepare_cipher(keys.key) || !made->prepare_mac(keys.mac_key)) return nullptr;
  return made;
}

RecordDecryptor::RecordDecryptor(ProtocolVersion version, const CipherParameters& cipher,
                                 const DirectionKeys& keys, bool encrypt_then_mac)
    : version_(version),
      cipher_(cipher),
      iv_(keys.iv),
      encrypt_then_mac_(encrypt_then_mac && cipher.mode == CipherMode::cbc),
      openssl_(std::make_unique<Openssl>()) {}

RecordDecryptor::~RecordDecryptor() = default;

bool RecordDecryptor::prepare_cipher(const Secret& key) {
  if (cipher_.mode == CipherMode::null) return true;
  openssl_->cipher.reset(EVP_CIPHER_fetch(nullptr, cipher_.cipher.c_str(), nullptr));
  openssl_->context.reset(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* context = openssl_->context.get();
  if (!openssl_->cipher || context == nullptr) return false;
  if (key.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(openssl_->cipher.get())))
    return false;
  if (cipher_.mode == CipherMode::cbc || cipher_.mode == CipherMode::stream) {
    // TLS 1.0 chains its records from this IV on; later an explicit one makes it irrelevant.
    std::array<std::uint8_t, EVP_MAX_IV_LENGTH> iv{};
    std::copy_n(iv_.begin(), std::min(iv_.size(), iv.size()), iv.begin());
    return EVP_DecryptInit_ex2(context, openssl_->cipher.get(), key.data(), iv.data(), nullptr) ==
               1 &&
           EVP_CIPHER_CTX_set_padding(context, 0) == 1;
  }
  // CCM takes the tag's size into account with the key.
  const int tag = static_cast<int>(tag_bytes(cipher_.mode));
  return EVP_DecryptInit_ex2(context, openssl_->cipher.get(), nullptr, nullptr, nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, kNonceBytes, nullptr) == 1 &&
         (!is_ccm(cipher_.mode) ||
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, nullptr) == 1) &&
         EVP_DecryptInit_ex2(context, nullptr, key.data(), nullptr, nullptr) == 1;
}

bool RecordDecryptor::prepare_mac(const Secret& key) {
  if (cipher_.mac_bytes == 0) return true;
  openssl_->hmac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  openssl_->mac.reset(openssl_->hmac ? EVP_MAC_CTX_new(openssl_->hmac.get()) : nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, cipher_.mac.data(), 0),
      OSSL_PARAM_construct_end()};
  return openssl_->mac &&
         EVP_MAC_init(openssl_->mac.get(), key.data(), key.size(), parameters) == 1;
}

std::optional<DecryptedRecord> RecordDecryptor::decrypt(ContentType type,
                                                        ProtocolVersion wire_version,
                                                        Bytes fragment) {
  const ErrorMark mark;
  DecryptedRecord record;
  std::optional<Bytes> opened;
  if (cipher_.mode == CipherMode::cbc)
    opened = open_cbc(type, wire_version, fragment, record.buffer);
  else if (cipher_.mode == CipherMode::stream || cipher_.mode == CipherMode::null)
    opened = open_stream(type, wire_version, fragment, record.buffer);
  else
    opened = open_aead(type, wire_version, fragment, record.buffer);
  ++sequence_;
  if (!opened) return std::nullopt;
  record.type = type;
  record.plaintext = *opened;
  if (version_ < kTls13) return record;
  // The inner type is the last byte that is not zero: RFC 8446 5.4.
  std::size_t length = opened->size();
  while (length > 0 && (*opened)[length - 1] == 0) --length;
  if (length == 0) return std::nullopt;
  record.type = ContentType{(*opened)[length - 1]};
  record.plaintext = opened->first(length - 1);
  return record;
}

/// RFC 5246 6.2.3.3, RFC 8446 5.2.
std::optional<Bytes> RecordDecryptor::open_aead(ContentType type, ProtocolVersion wire_version,
                                                Bytes fragment, std::vector<std::uint8_t>& into) {
  const std::size_t tag = tag_bytes(cipher_.mode);
  const bool explicit_nonce = version_ < kTls13 && cipher_.mode != CipherMode::chacha20_poly1305;
  const std::size_t before = explicit_nonce ? kExplicitNonceBytes : 0;
  if (fragment.size() < before + tag) return std::nullopt;
  std::array<std::uint8_t, kNonceBytes> nonce{};
  std::copy_n(iv_.begin(), std::min(iv_.size(), nonce.size()), nonce.begin());
  if (explicit_nonce) {
    std::copy_n(fragment.begin(), kExplicitNonceBytes, nonce.begin() + 4);
  } else {
    for (std::size_t i = 0; i < 8; ++i)
      nonce[4 + i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * (7 - i)));
  }
  const Bytes text = fragment.subspan(before, fragment.size() - before - tag);
  std::array<std::uint8_t, kTagBytes> expected{};  // OpenSSL takes it through a mutable pointer
  std::copy(fragment.end() - static_cast<std::ptrdiff_t>(tag), fragment.end(), expected.begin());

  auto header = covered_header(sequence_, type, wire_version, text.size());
  Bytes covered(header);
  if (version_ >= kTls13) {
    header[11] = static_cast<std::uint8_t>(fragment.size() >> 8);
    header[12] = static_cast<std::uint8_t>(fragment.size());
    covered = covered.subspan(8);
  }
  EVP_CIPHER_CTX* context = openssl_->context.get();
  into.resize(text.size() + 1);  // a byte more, so that there is an address of no bytes
  int length = 0;
  if (EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag), expected.data()) !=
          1)
    return std::nullopt;
  // CCM wants the text's length before all else, and checks the tag with the text.
  if (is_ccm(cipher_.mode) &&
      EVP_DecryptUpdate(context, nullptr, &length, nullptr, size_of(text)) != 1)
    return std::nullopt;
  const std::uint8_t* from = text.empty() ? into.data() : text.data();
  if (EVP_DecryptUpdate(context, nullptr, &length, covered.data(), size_of(covered)) != 1 ||
      EVP_DecryptUpdate(context, into.data(), &length, from, size_of(text)) != 1)
    return std::nullopt;
  if (!is_ccm(cipher_.mode) &&
      EVP_DecryptFinal_ex(context, into.data() + text.size(), &length) != 1)
    return std::nullopt;
  return Bytes(into).first(text.size());
}

/// RFC 5246 6.2.3.2, RFC 7366 3.
std::optional<Bytes> RecordDecryptor::open_cbc(ContentType type, ProtocolVersion wire_version,
                                               Bytes fragment, std::vector<std::uint8_t>& into) {
  const std::size_t outer_mac = encrypt_then_mac_ ? cipher_.mac_bytes : 0;
  if (fragment.size() < outer_mac + cipher_.block_bytes) return std::nullopt;
  const Bytes text = fragment.first(fragment.size() - outer_mac);
  if (text.size() % cipher_.block_bytes != 0) return std::nullopt;
  if (encrypt_then_mac_ && !mac_is(type, wire_version, text, fragment.subspan(text.size())))
    return std::nullopt;
  // Each block is decrypted with the one before it, so an explicit IV is a block to be thrown away,
  // and what TLS 1.0 chains from record to record stays in the context.
  into.resize(text.size() + cipher_.block_bytes);
  int length = 0;
  if (EVP_DecryptUpdate(openssl_->context.get(), into.data(), &length, text.data(),
                        size_of(text)) != 1 ||
      static_cast<std::size_t>(length) != text.size())
    return std::nullopt;
  const std::size_t iv = version_ > kTls10 ? cipher_.block_bytes : 0;
  Bytes content = Bytes(into).subspan(iv, text.size() - iv);
  if (content.empty()) return std::nullopt;
  const std::size_t padding = std::size_t{content.back()} + 1;
  const std::size_t inner_mac = encrypt_then_mac_ ? 0 : cipher_.mac_bytes;
  if (content.size() < padding + inner_mac) return std::nullopt;
  content = content.first(content.size() - padding);
  if (encrypt_then_mac_) return content;
  const Bytes plaintext = content.first(content.size() - inner_mac);
  if (!mac_is(type, wire_version, plaintext, content.subspan(plaintext.size())))
    return std::nullopt;
  return plaintext;
}

/// RFC 5246 6.2.3.1.
std::optional<Bytes> RecordDecryptor::open_stream(ContentType type, ProtocolVersion wire_version,
                                                  Bytes fragment, std::vector<std::uint8_t>& into) {
  if (fragment.size() < cipher_.mac_bytes) return std::nullopt;
  into.assign(fragment.begin(), fragment.end());
  int length = 0;
  if (openssl_->context && !fragment.empty() &&
      EVP_DecryptUpdate(openssl_->context.get(), into.data(), &length, fragment.data(),
                        size_of(fragment)) != 1)
    return std::nullopt;
  const Bytes plaintext = Bytes(into).first(into.size() - cipher_.mac_bytes);
  if (!mac_is(type, wire_version, plaintext, Bytes(into).subspan(plaintext.size())))
    return std::nullopt;
  return plaintext;
}

bool RecordDecryptor::mac_is(ContentType type, ProtocolVersion wire_version, Bytes content,
                             Bytes expected) {
  EVP_MAC_CTX* mac = openssl_->mac.get();
  const auto header = covered_header(sequence_, type, wire_version, content.size());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> computed{};
  std::size_t length = 0;
  return EVP_MAC_init(mac, nullptr, 0, nullptr) == 1 &&
         EVP_MAC_update(mac, header.data(), header.size()) == 1 &&
         EVP_MAC_update(mac, content.data(), content.size()) == 1 &&
         EVP_MAC_final(mac, computed.data(), &length, computed.size()) == 1 &&
         length == expected.size() && CRYPTO_memcmp(computed.data(), expected.data(), length) == 0;
}

}  // namespace visavis::inspect
