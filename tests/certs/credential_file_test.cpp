// Files as the `openssl` command writes them, read back.
#include "certs/credential_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <string>

#include "certs/key_pair.h"
#include "certs/whole_file.h"
#include "tests/support/openssl_files.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::Der;
using visavis::testing::kPassword;
using visavis::testing::OpensslFiles;
using visavis::testing::TestKey;

const Password kNone{std::nullopt, "--cert-pass"};
const Password kEmpty{"", "--cert-pass"};
const Password kRight{std::string(kPassword), "--cert-pass"};
const Password kWrong{"falsch", "--cert-pass"};

class CredentialFiles : public ::testing::Test {
 protected:
  void SetUp() override { ERR_clear_error(); }
  void TearDown() override {
    EXPECT_EQ(ERR_peek_error(), 0U);
    // Old algorithms stay in a context of their own.
    EXPECT_EQ(OSSL_PROVIDER_available(nullptr, "legacy"), 0);
  }

  [[nodiscard]] std::vector<Der> all_certificates() const {
    const auto& chain = files_.chain();
    return {chain.leaf.der(), chain.intermediate.der(), chain.root.der()};
  }

  static std::vector<Der> ders(const CredentialFile& contents) {
    std::vector<Der> list;
    for (const X509Ptr& certificate : contents.certificates)
      list.push_back(certificate_der(*certificate));
    return list;
  }

  void expect_key(const CredentialFile& contents) const {
    EXPECT_EQ(contents.key_problem, "");
    ASSERT_EQ(contents.keys.size(), 1U);
    EXPECT_EQ(EVP_PKEY_eq(contents.keys[0].get(), files_.chain().leaf.key()), 1);
    // It works in the default context: it signs, and can be written.
    EXPECT_EQ(private_key_pem(*contents.keys[0]), files_.chain().leaf.key_pem());
  }

  static std::string problem(const std::filesystem::path& file, const Password& password) {
    try {
      const CredentialFile contents = load_credentials(file, password);
      return contents.key_problem;
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      EXPECT_EQ(text.find('\n'), std::string::npos);
      const std::string start = file.string() + ": ";
      EXPECT_EQ(text.substr(0, start.size()), start);
      return text.substr(start.size());
    }
  }

  [[nodiscard]] std::filesystem::path changed(const std::filesystem::path& file, std::size_t at,
                                              const std::string& name) const {
    std::string bytes = read_whole_file(file);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return files_.folder().write(name, bytes);
  }

  OpensslFiles files_;
};

constexpr const char* kWrongMac =
    "the password is wrong, or the file is damaged: its MAC does not verify (Windows: 0x80070056, "
    "\"The specified network password is not correct\")";

TEST_F(CredentialFiles, PfxOfEveryKind) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds{
      {"modern", {}},
      {"legacy", {"-legacy"}},
      {"rc2", {"-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40"}},
      {"rc4", {"-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-40"}},
      {"3des", {"-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"}},
      {"no_mac", {"-nomac"}},
      {"plain_certificates", {"-certpbe", "NONE"}},
      {"plain_key", {"-keypbe", "NONE"}},
      {"sha512", {"-macalg", "sha512", "-iter", "1"}},
  };
  for (const auto& [name, options] : kinds) {
    SCOPED_TRACE(name);
    const auto file = files_.pfx(name, options);
    const CredentialFile contents = load_credentials(file, kRight);
    EXPECT_EQ(contents.form, "PKCS #12");
    EXPECT_EQ(ders(contents), all_certificates());
    expect_key(contents);
    EXPECT_EQ(problem(file, kWrong), name == "no_mac"
                                         ? "the password is wrong, or the file is damaged "
                                           "(AES-256-CBC)"
                                         : kWrongMac);
    EXPECT_THAT(problem(file, kNone), ::testing::StartsWith("encrypted"));
    EXPECT_THAT(problem(file, kNone),
                ::testing::EndsWith(", and no password was given; see --cert-pass"));
  }
}

/// `openssl pkcs12` writes an empty text as the password; this has none at all.
std::string pfx_without_password(const visavis::testing::TestChain& chain) {
  PKCS12* made = PKCS12_create(nullptr, "leaf", chain.leaf.key(), chain.leaf.certificate(), nullptr,
                               0, 0, 1, 1, 0);
  unsigned char* der = nullptr;
  const int length = i2d_PKCS12(made, &der);
  const std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  PKCS12_free(made);
  return bytes;
}

TEST_F(CredentialFiles, PfxWithoutAPasswordAndWithAnEmptyOne) {
  const auto empty = files_.pfx("empty", {"-passout", "pass:"});
  const auto none = files_.folder().write("none", pfx_without_password(files_.chain()));
  const auto open =
      files_.pfx("open", {"-passout", "pass:", "-nomac", "-keypbe", "NONE", "-certpbe", "NONE"});
  for (const auto& file : {empty, none, open})
    for (const Password& password : {kNone, kEmpty}) {
      const CredentialFile contents = load_credentials(file, password);
      EXPECT_EQ(ders(contents).front(), files_.chain().leaf.der());
      expect_key(contents);
    }
  EXPECT_EQ(problem(empty, kWrong), kWrongMac);
  EXPECT_EQ(problem(files_.pfx("secret"), kEmpty), kWrongMac);
}

TEST_F(CredentialFiles, DamagedPfx) {
  const auto file = files_.pfx("good");
  const std::size_t size = read_whole_file(file).size();
  EXPECT_EQ(problem(changed(file, size / 2, "contents"), kRight),
            "damaged PKCS #12: the password opens it, but its MAC does not verify");
  EXPECT_EQ(problem(changed(file, size / 2, "contents"), kWrong), kWrongMac);
  EXPECT_EQ(problem(files_.folder().write("cut", read_whole_file(file).substr(0, 1000)), kRight),
            "damaged PKCS #12: at byte 1: a length of " + std::to_string(size - 4) +
                " bytes where 996 are left");
}

TEST_F(CredentialFiles, PfxWithANewerMacIsNamed) {
  // SHA-256 as the MAC's digest becomes PBMAC1, whose OID is as long.
  std::string bytes = read_whole_file(files_.pfx("good"));
  const std::string sha256_oid = "\x60\x86\x48\x01\x65\x03\x04\x02\x01";
  const std::size_t at = bytes.rfind(sha256_oid);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 9, "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e");
  EXPECT_EQ(problem(files_.folder().write("pbmac1", bytes), kRight),
            "its MAC is a PBMAC1 (RFC 9579), which OpenSSL has from 3.4 on: export it again with "
            "the older MAC");
}

/// The file's bytes with the first `from` replaced by `to`, which is as long.
std::string with(const std::filesystem::path& file, const std::string& from,
                 const std::string& to) {
  std::string bytes = read_whole_file(file);
  const std::size_t at = bytes.find(from);
  if (at == std::string::npos) throw std::logic_error("not in " + file.string());
  return bytes.replace(at, to.size(), to);
}

TEST_F(CredentialFiles, NoFileAsksForEndlessWork) {
  const auto& folder = files_.folder();
  // 65,536 as an INTEGER; 8,323,072 takes its place.
  const std::string few("\x02\x03\x01\x00\x00", 5);
  const std::string many("\x02\x03\x7f\x00\x00", 5);
  const std::string negative("\x02\x03\xff\x00\x00", 5);
  const auto pbkdf2 = files_.pkcs8("pbkdf2", {"-iter", "65536", "-outform", "DER"});
  const auto scrypt = files_.pkcs8("scrypt", {"-scrypt", "-outform", "DER"});
  const std::string too_many =
      "its encryption asks for more than 5000000 rounds of key derivation (AES-256-CBC)";
  // N is 16,384, the block size 8, the parallelization 1: that becomes 127.
  const std::string one("\x02\x01\x08\x02\x01\x01");
  const std::string more("\x02\x01\x08\x02\x01\x7f");
  for (const std::string& bytes : {with(pbkdf2, few, many), with(scrypt, one, more)})
    EXPECT_EQ(problem(folder.write("key", bytes), kRight), "its private key: " + too_many);
  EXPECT_EQ(problem(folder.write("key", with(pbkdf2, few, negative)), kRight),
            "its private key: damaged: its encryption's parameters can't be read (AES-256-CBC)");
  // In a PFX the parts have numbers of their own; its MAC is checked first.
  const auto pfx = files_.pfx("pfx", {"-iter", "65536", "-nomac"});
  EXPECT_EQ(problem(folder.write("part", with(pfx, few, many)), kRight),
            "its private key: " + too_many);
  std::string bytes = read_whole_file(files_.pfx("mac", {"-iter", "65536"}));
  ASSERT_TRUE(bytes.ends_with(few));
  bytes.replace(bytes.size() - few.size(), few.size(), many);
  EXPECT_EQ(problem(folder.write("mac", bytes), kRight),
            "its encryption asks for more than 5000000 rounds of key derivation (its MAC)");
}

TEST_F(CredentialFiles, EncryptedKeysOfEveryKind) {
  const std::vector<std::pair<std::filesystem::path, std::string>> keys{
      {files_.pkcs8("aes.pem"), "AES-256-CBC"},
      {files_.pkcs8("aes.der", {"-outform", "DER"}), "AES-256-CBC"},
      {files_.pkcs8("scrypt.pem", {"-scrypt"}), "AES-256-CBC"},
      {files_.pkcs8("rc2.pem", {"-v1", "PBE-SHA1-RC2-40"}), "PBE-SHA1-RC2-40"},
      {files_.pkcs8("md5des.pem", {"-v1", "PBE-MD5-DES"}), "PBE-MD5-DES"},
      {files_.traditional("t_aes.pem", "-aes256"), "AES-256-CBC"},
      {files_.traditional("t_3des.pem", "-des3"), "DES-EDE3-CBC"},
      {files_.traditional("t_des.pem", "-des"), "DES-CBC"},
  };
  for (const auto& [file, cipher] : keys) {
    SCOPED_TRACE(file);
    const CredentialFile contents = load_credentials(file, kRight);
    expect_key(contents);
    EXPECT_THAT(ders(contents), IsEmpty());
    EXPECT_EQ(problem(file, kWrong),
              "its private key: the password is wrong, or the file is "
              "damaged (" +
                  cipher + ")");
    EXPECT_EQ(problem(file, kNone), "its private key: encrypted (" + cipher +
                                        "), and no password was given; see --cert-pass");
  }
}

TEST_F(CredentialFiles, ACipherThatNobodyHas) {
  // aes-256-cbc 2.16.840.1.101.3.4.1.42 becomes …127.
  const std::string aes("\x60\x86\x48\x01\x65\x03\x04\x01\x2a");
  const std::string none("\x60\x86\x48\x01\x65\x03\x04\x01\x7f");
  const auto key = files_.pkcs8("key", {"-outform", "DER"});
  EXPECT_EQ(problem(files_.folder().write("unknown", with(key, aes, none)), kRight),
            "its private key: encrypted with an algorithm that is not available here "
            "(2.16.840.1.101.3.4.1.127)");
  const auto pfx = files_.pfx("pfx", {"-nomac"});
  EXPECT_EQ(problem(files_.folder().write("unknown", with(pfx, aes, none)), kRight),
            "its private key: encrypted with an algorithm that is not available here "
            "(2.16.840.1.101.3.4.1.127)");
}

TEST_F(CredentialFiles, PlainFormsOfAllKeys) {
  for (const TestKey kind : {TestKey::ec_p256, TestKey::rsa_2048, TestKey::ed25519}) {
    const OpensslFiles files(kind);
    const auto der = files.der("key.der", "pkey", files.key());
    const auto certificate = files.der("leaf.der", "x509", files.leaf());
    for (const auto& file : {files.key(), der}) {
      const CredentialFile contents = load_credentials(file, kNone);
      ASSERT_EQ(contents.keys.size(), 1U);
      EXPECT_EQ(EVP_PKEY_eq(contents.keys[0].get(), files.chain().leaf.key()), 1);
    }
    EXPECT_THAT(ders(load_credentials(certificate, kNone)), ElementsAre(files.chain().leaf.der()));
  }
}

TEST_F(CredentialFiles, P7bInBothForms) {
  for (const char* form : {"PEM", "DER"}) {
    const CredentialFile contents = load_credentials(files_.p7b(form, form), kNone);
    EXPECT_EQ(contents.form, "PKCS #7");
    EXPECT_THAT(contents.keys, IsEmpty());
    EXPECT_THAT(ders(contents), ::testing::UnorderedElementsAreArray(all_certificates()));
  }
}

TEST_F(CredentialFiles, WhatElseAFileMayBe) {
  const auto& folder = files_.folder();
  const std::string leaf = files_.leaf().string();
  visavis::testing::openssl({"req", "-new", "-key", files_.key().string(), "-subj", "/CN=x", "-out",
                             (folder.path() / "csr.pem").string()});
  visavis::testing::openssl({"req", "-in", (folder.path() / "csr.pem").string(), "-outform", "DER",
                             "-out", (folder.path() / "csr.der").string()});
  visavis::testing::openssl({"pkey", "-in", files_.key().string(), "-pubout", "-outform", "DER",
                             "-out", (folder.path() / "pub.der").string()});
  EXPECT_THAT(load_credentials(folder.path() / "csr.pem", kNone).others,
              ElementsAre("CERTIFICATE REQUEST"));
  EXPECT_THAT(load_credentials(folder.path() / "csr.der", kNone).others,
              ElementsAre("CERTIFICATE REQUEST"));
  EXPECT_THAT(load_credentials(folder.path() / "pub.der", kNone).others, ElementsAre("PUBLIC KEY"));

  const std::string pem = read_whole_file(files_.leaf());
  std::string utf16 = "\xff\xfe";
  for (const char c : pem) utf16 += std::string(1, c) + '\0';
  const std::pair<std::string, std::string> strange[] = {
      {"", "the file is empty"},
      {"hello", "neither PEM nor DER; it begins with 68 65 6c 6c"},
      {utf16, "UTF-16 text, as PowerShell's > writes it; save it as ASCII or UTF-8"},
      {std::string("\xfe\xed\xfe\xed\0\0\0\2", 8),
       "a Java keystore; make a PFX of it: keytool -importkeystore -srckeystore FILE -destkeystore "
       "FILE.p12 -deststoretype pkcs12"},
      {pem.substr(28, 600), "base64 text without BEGIN and END lines; decode it first (base64 -d)"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
       "its private key: in OpenSSH's own form; convert it with ssh-keygen -p -m PKCS8 -f FILE"},
  };
  for (const auto& [bytes, said] : strange)
    EXPECT_EQ(problem(folder.write("x", bytes), kNone), said);
}

TEST_F(CredentialFiles, KeysThatNoHandshakeCanUse) {
  const auto made = [&](const std::string& kind) {
    const auto file = files_.folder().path() / (kind + ".pem");
    visavis::testing::openssl({"genpkey", "-algorithm", kind, "-out", file.string()});
    return file;
  };
  EXPECT_EQ(problem(made("X25519"), kNone),
            "its private key: of a type that can't sign a TLS handshake (X25519)");
  // PKCS #8: version 0, algorithm 1.2.3.4, four bytes.
  const std::string unknown("\x30\x10\x02\x01\0\x30\x05\x06\x03\x2a\x03\x04\x04\x04\1\2\3\4", 18);
  EXPECT_EQ(problem(files_.folder().write("unknown.der", unknown), kNone),
            "its private key: damaged, or of a type that OpenSSL can't use (1.2.3.4)");
}

TEST_F(CredentialFiles, NoCutOrFlippedFileCrashes) {
  for (const auto& file : {files_.pfx("p", {"-iter", "1"}), files_.p7b("7", "DER"), files_.leaf(),
                           files_.pkcs8("k", {"-iter", "1", "-outform", "DER"})}) {
    const std::string whole = read_whole_file(file);
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 400) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
      for (const std::string& bytes : {whole.substr(0, at), flipped}) try {
          const CredentialFile contents = read_credentials(bytes, kRight);
          EXPECT_LE(contents.certificates.size() + contents.keys.size(), 4U);
        } catch (const std::runtime_error& error) {
          EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        }
    }
  }
}

}  // namespace
}  // namespace visavis::certs
