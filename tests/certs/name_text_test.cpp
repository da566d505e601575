#include "certs/name_text.h"

#include <gtest/gtest.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>

#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

struct Attribute {
  int nid;
  int type;
  std::string_view value;
};

X509NamePtr make_name(std::initializer_list<Attribute> attributes) {
  X509NamePtr name(X509_NAME_new());
  for (const Attribute& attribute : attributes)
    EXPECT_EQ(
        X509_NAME_add_entry_by_NID(name.get(), attribute.nid, attribute.type,
                                   reinterpret_cast<const unsigned char*>(attribute.value.data()),
                                   static_cast<int>(attribute.value.size()), -1, 0),
        1);
  return name;
}

TEST(PrintableText, Utf8IsKeptAndTheRestEscaped) {
  EXPECT_EQ(printable_utf8("B\xc3\xbc"
                           "cher \xe2\x82\xac \xf0\x9f\x98\x80"),
            "B\xc3\xbc"
            "cher \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(printable_utf8(std::string_view("a\0b\x1b[31m\x7f", 9)), "a\\00b\\1B[31m\\7F");
  EXPECT_EQ(printable_utf8("\xc2\x9b"), "\\C2\\9B");                  // C1 control
  EXPECT_EQ(printable_utf8("\xe2\x80\xae"), "\\E2\\80\\AE");          // right-to-left override
  EXPECT_EQ(printable_utf8("\xc0\x80"), "\\C0\\80");                  // overlong
  EXPECT_EQ(printable_utf8("\xe0\x9f\xbf"), "\\E0\\9F\\BF");          // overlong
  EXPECT_EQ(printable_utf8("\xed\xa0\x80"), "\\ED\\A0\\80");          // surrogate
  EXPECT_EQ(printable_utf8("\xf4\x90\x80\x80"), "\\F4\\90\\80\\80");  // above U+10FFFF
  EXPECT_EQ(printable_utf8("\xe2\x82"), "\\E2\\82");                  // cut short
  EXPECT_EQ(printable_utf8("\xff"), "\\FF");
}

TEST(PrintableText, AsciiEscapesAllElse) {
  EXPECT_EQ(printable_ascii(std::string_view("a\0b", 3)), "a\\00b");
  EXPECT_EQ(printable_ascii("a\\b\xc3\xbc\n"), "a\\5Cb\\C3\\BC\\0A");
}

TEST(NameText, Rfc2253) {
  const auto name = make_name({{NID_countryName, V_ASN1_PRINTABLESTRING, "DE"},
                               {NID_organizationName, V_ASN1_UTF8STRING,
                                "B\xc3\xbc"
                                "cher, GmbH"},
                               {NID_commonName, V_ASN1_UTF8STRING, "www.example.com"}});
  EXPECT_EQ(name_text(name.get()),
            "CN=www.example.com,O=B\xc3\xbc"
            "cher\\, GmbH,C=DE");
  EXPECT_EQ(common_name_text(name.get()), "www.example.com");
}

TEST(NameText, EmptyAndNull) {
  EXPECT_EQ(name_text(nullptr), "");
  EXPECT_EQ(name_text(make_name({}).get()), "");
  EXPECT_EQ(common_name_text(make_name({}).get()), "");
}

TEST(NameText, TheLastCommonNameIsTheMostSpecific) {
  const auto name = make_name({{NID_commonName, V_ASN1_UTF8STRING, "general"},
                               {NID_commonName, V_ASN1_UTF8STRING, "specific"}});
  EXPECT_EQ(common_name_text(name.get()), "specific");
}

TEST(NameText, HostileValues) {
  const auto broken_utf8 = make_name({{NID_commonName, V_ASN1_UTF8STRING, "a\xff\xfe"}});
  EXPECT_EQ(name_text(broken_utf8.get()), "CN=a\\FF\\FE");
  const auto control =
      make_name({{NID_commonName, V_ASN1_UTF8STRING, std::string_view("a\0\x1b", 3)}});
  EXPECT_EQ(name_text(control.get()), "CN=a\\00\\1B");
  EXPECT_EQ(common_name_text(control.get()), "a\\00\\1B");
  const auto latin1 = make_name({{NID_commonName, V_ASN1_T61STRING, "b\xfc"}});
  EXPECT_EQ(name_text(latin1.get()), "CN=b\xc3\xbc");
  const auto bmp = make_name({{NID_commonName, V_ASN1_BMPSTRING, std::string_view("\x20\xac", 2)}});
  EXPECT_EQ(name_text(bmp.get()), "CN=\xe2\x82\xac");
  EXPECT_EQ(common_name_text(bmp.get()), "\xe2\x82\xac");
}

std::string text_of(int type, ASN1_STRING* value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  std::string text = general_name_text(*name);
  GENERAL_NAME_free(name);
  return text;
}

ASN1_STRING* string_of(int type, std::string_view bytes) {
  ASN1_STRING* string = ASN1_STRING_type_new(type);
  ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size()));
  return string;
}

TEST(GeneralNameText, EachKind) {
  const auto ia5 = [](std::string_view text) { return string_of(V_ASN1_IA5STRING, text); };
  const auto octets = [](std::string_view text) { return string_of(V_ASN1_OCTET_STRING, text); };
  EXPECT_EQ(text_of(GEN_DNS, ia5("a.example")), "DNS:a.example");
  EXPECT_EQ(text_of(GEN_DNS, ia5(std::string_view("a\0.evil", 7))), "DNS:a\\00.evil");
  EXPECT_EQ(text_of(GEN_URI, ia5("https://x/")), "URI:https://x/");
  EXPECT_EQ(text_of(GEN_EMAIL, ia5("a@b")), "email:a@b");
  EXPECT_EQ(text_of(GEN_IPADD, octets("\xc0\x01\x02\x01")), "IP:192.1.2.1");
  const std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01";
  EXPECT_EQ(text_of(GEN_IPADD, octets(v6)), "IP:2001:db8::1");
  EXPECT_EQ(text_of(GEN_IPADD, octets("abc")), "IP:616263");
}

TEST(GeneralNameText, StructuredKinds) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_RID, OBJ_txt2obj("1.2.3.4", 1));
  EXPECT_EQ(general_name_text(*name), "RID:1.2.3.4");
  GENERAL_NAME_free(name);
  name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_DIRNAME,
                          make_name({{NID_commonName, V_ASN1_UTF8STRING, "x"}}).release());
  EXPECT_EQ(general_name_text(*name), "DirName:CN=x");
  GENERAL_NAME_free(name);
}

}  // namespace
}  // namespace visavis::certs
