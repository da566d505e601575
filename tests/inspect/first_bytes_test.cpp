#include "inspect/record/first_bytes.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using namespace std::string_view_literals;

struct Sample {
  std::string_view bytes;
  Protocol protocol;
};

constexpr Sample kSamples[] = {
    {"\x16\x03\x01\x02\x00\x01"sv, Protocol::tls},
    {"\x15\x03\x03\x00\x02\x02\x28"sv, Protocol::tls},
    {"\x17\x03\x03\x00\x20"sv, Protocol::tls},
    {"\x80\x2e\x01\x03\x01\x00\x15"sv, Protocol::sslv2_hello},
    {"\x80\x2e\x01\x00\x02\x00\x15"sv, Protocol::sslv2_hello},
    {"GET / HTTP/1.1\r\n"sv, Protocol::http_request},
    {"POST /a HTTP/1.1\r\n"sv, Protocol::http_request},
    {"HEAD / HTTP/1.0\r\n"sv, Protocol::http_request},
    {"PUT /x HTTP/1.1\r\n"sv, Protocol::http_request},
    {"DELETE /x HTTP/1.1\r\n"sv, Protocol::http_request},
    {"OPTIONS * HTTP/1.1\r\n"sv, Protocol::http_request},
    {"PATCH /x HTTP/1.1\r\n"sv, Protocol::http_request},
    {"TRACE / HTTP/1.1\r\n"sv, Protocol::http_request},
    {"CONNECT example.com:443 HTTP/1.1\r\n"sv, Protocol::http_request},
    {"PROPFIND / HTTP/1.1\r\n"sv, Protocol::http_request},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv, Protocol::http2_preface},
    {"HTTP/1.1 400 Bad Request\r\n"sv, Protocol::http_response},
    {"SSH-2.0-OpenSSH_9.2\r\n"sv, Protocol::ssh},
    {"220 mail.example.com ESMTP\r\n"sv, Protocol::smtp_or_ftp},
    {"220-welcome\r\n"sv, Protocol::smtp_or_ftp},
    {"* OK IMAP4rev1\r\n"sv, Protocol::imap},
    {"* PREAUTH ready\r\n"sv, Protocol::imap},
    {"+OK POP3 ready\r\n"sv, Protocol::pop3},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"sv, Protocol::proxy_header},
    {"PROXY UNKNOWN\r\n"sv, Protocol::proxy_header},
    {"\r\n\r\n\0\r\nQUIT\n\x21\x11"sv, Protocol::proxy_header},
    {"\x03\x00\x00\x13\x0e\xe0"sv, Protocol::rdp},
    {"\x4a\x00\x00\x00\x0a\x38\x2e\x30"sv, Protocol::mysql},
    {"\x16\x00\x00\x00\x0a\x38\x2e\x30"sv, Protocol::mysql},
    {"\0\0\0\x08\x04\xd2\x16\x2f"sv, Protocol::postgresql},
    {"\0\0\0\x29\0\x03\0\0user\0"sv, Protocol::postgresql},
    {"\x05\x01\x00"sv, Protocol::socks},
    {"\x05\x02\x00\x02"sv, Protocol::socks},
    {"\x04\x01\x01\xbb\xc0\x00\x02\x01"sv, Protocol::socks},
    {"\0\0\0\x45\xffSMB\x72"sv, Protocol::smb},
    {"\0\0\0\x45\xfeSMB\x40"sv, Protocol::smb},
    {"421 Too many connections\r\n"sv, Protocol::smtp_or_ftp},
    {"554 no SMTP service here\r\n"sv, Protocol::smtp_or_ftp},
    {"200 news.example.com ready\r\n"sv, Protocol::nntp},
    {"201 no posting\r\n"sv, Protocol::nntp},
    {"RFB 003.008\n"sv, Protocol::vnc},
    {"-ERR unknown command\r\n"sv, Protocol::redis},
    {"\xff\xfd\x18\xff\xfd\x20"sv, Protocol::telnet},
    {"\xff\xfb\x01\xff\xfb\x03"sv, Protocol::telnet},
    {"\0\0\x12\x04\0\0\0\0\0\0\x03"sv, Protocol::http2_frames},
    {"\0\0\0\x04\0\0\0\0\0"sv, Protocol::http2_frames},
    {"\0\0\x07\x04\0\0\0\0\0"sv, Protocol::unknown},
    {"\0\0\x12\x04\x01\0\0\0\0"sv, Protocol::unknown},
    {"hello there"sv, Protocol::unknown},
    {"\x16\x02\x01"sv, Protocol::unknown},
    {"\x19\x03\x01"sv, Protocol::unknown},
    {"\x80\x2e\x04\x00"sv, Protocol::unknown},
    {"\x80\x2e\x01\x04"sv, Protocol::unknown},
    {"GET/"sv, Protocol::unknown},
    {"get / HTTP/1.1"sv, Protocol::unknown},
    {"PROXYTCP4"sv, Protocol::unknown},
    {"\0\0\0\x45\xffXMB"sv, Protocol::unknown},
    {"\xff\xff\xff\xff"sv, Protocol::unknown},
    {"{\"json\": 1}"sv, Protocol::unknown},
};

StreamResult<Protocol> detect(std::string_view text, std::size_t count) {
  const ByteVector bytes = test::text_bytes(text.substr(0, count));
  return detect_first_bytes(bytes);
}

TEST(FirstBytes, NamesEveryProtocol) {
  for (const Sample& sample : kSamples) {
    const auto found = detect(sample.bytes, sample.bytes.size());
    ASSERT_TRUE(found.ok()) << sample.bytes;
    EXPECT_EQ(*found, sample.protocol) << sample.bytes;
    EXPECT_NE(name(*found), "?");
  }
}

TEST(FirstBytes, EveryPrefixAsksForMoreOrGivesTheAnswerOfTheWhole) {
  for (const Sample& sample : kSamples) {
    bool answered = false;
    for (std::size_t count = 0; count <= sample.bytes.size(); ++count) {
      const auto found = detect(sample.bytes, count);
      ASSERT_FALSE(found.failed());
      if (found.ok()) {
        EXPECT_EQ(*found, sample.protocol) << sample.bytes << " cut to " << count;
      } else {
        EXPECT_FALSE(answered) << "an answer was taken back: " << sample.bytes;
      }
      answered = found.ok();
    }
    EXPECT_TRUE(answered);
  }
}

TEST(FirstBytes, WhatCanBecomeNothingKnownIsAnsweredAtOnce) {
  for (const std::string_view text : {"AB"sv, "xyz"sv, "\x16\x01"sv, "\0\x01\0\0\x05"sv, "GX"sv,
                                      "\0\0\0\x09\x05"sv, "\x20\x00\x01"sv, "\x85\x00\x02"sv}) {
    const auto found = detect(text, text.size());
    ASSERT_TRUE(found.ok()) << text;
    EXPECT_EQ(*found, Protocol::unknown) << text;
  }
}

TEST(FirstBytes, TwentyFourBytesAlwaysSuffice) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    ByteVector bytes(24);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (round % 2 == 0) {  // begin like something known
      const Sample& sample = kSamples[static_cast<std::size_t>(round / 2) % std::size(kSamples)];
      const std::size_t kept = random() % (sample.bytes.size() + 1);
      std::copy_n(sample.bytes.begin(), std::min<std::size_t>(kept, 24), bytes.begin());
    }
    EXPECT_TRUE(detect_first_bytes(bytes).ok());
  }
}

TEST(FirstBytes, TlsIsExactlyTypeAndMajorVersion) {
  for (unsigned type = 0; type < 256; ++type)
    for (unsigned major = 0; major < 256; ++major) {
      const ByteVector bytes{
          static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(major), 1, 0, 5, 1, 0, 0};
      const auto found = detect_first_bytes(bytes);
      const bool tls = type >= 20 && type <= 24 && major == 3;
      EXPECT_EQ(found.ok() && *found == Protocol::tls, tls) << type << ' ' << major;
    }
}

TEST(FirstBytes, EveryRealHelloIsTls) {
  for (const char* name : {"curl_7_88_nss", "go_1_19", "openjdk_17", "openssl_tls10_only"}) {
    const ByteVector hello = test::data_file(std::string("hellos/") + name);
    for (std::size_t count = 2; count <= hello.size(); ++count) {
      const auto found = detect_first_bytes(Bytes(hello).first(count));
      EXPECT_TRUE(found.ok() && *found == Protocol::tls);
    }
  }
}

}  // namespace
}  // namespace visavis::inspect
