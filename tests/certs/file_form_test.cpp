#include "certs/file_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using visavis::testing::Der;
using visavis::testing::make_chain;

Der sequence(std::initializer_list<Der> parts, std::uint8_t tag = 0x30) {
  Der der{tag, 0};
  for (const Der& part : parts) der.insert(der.end(), part.begin(), part.end());
  der[1] = static_cast<std::uint8_t>(der.size() - 2);
  return der;
}

const Der kZero{0x02, 0x01, 0x00};
const Der kOne{0x02, 0x01, 0x01};
const Der kThree{0x02, 0x01, 0x03};
const Der kBits{0x03, 0x01, 0x00};
const Der kOctets{0x04, 0x01, 0x00};
const Der kTime{0x17, 0x01, 0x30};
const Der kAlgorithm = sequence({{0x06, 0x01, 0x2a}});
const Der kName = sequence({sequence({}, 0x31)});

TEST(DerForm, ByTheFirstElements) {
  const std::pair<Der, DerForm> shapes[] = {
      {sequence({sequence({sequence({kOne}, 0xa0)}), kAlgorithm, kBits}), DerForm::certificate},
      {sequence({sequence({kOne, kAlgorithm, kName, sequence({kTime})}), kAlgorithm, kBits}),
       DerForm::certificate},
      {sequence({sequence({kZero, kName, kAlgorithm}), kAlgorithm, kBits}),
       DerForm::certificate_request},
      {sequence({sequence({kOne, kAlgorithm, kName, kTime}), kAlgorithm, kBits}),
       DerForm::revocation_list},
      {sequence({sequence({kAlgorithm, kName, kTime}), kAlgorithm, kBits}),
       DerForm::revocation_list},
      {sequence({kZero, kAlgorithm, kOctets}), DerForm::private_key},  // PKCS #8
      {sequence({kZero, kThree, kThree}), DerForm::private_key},       // RSA, DSA
      {sequence({kOne, kOctets}), DerForm::private_key},               // EC
      {sequence({kAlgorithm, kOctets}), DerForm::encrypted_key},
      {sequence({kAlgorithm, kBits}), DerForm::public_key},
      {sequence({kThree, kAlgorithm}), DerForm::pkcs12},
      {sequence({{0x06, 0x01, 0x2a}, sequence({}, 0xa0)}), DerForm::pkcs7},
      {sequence({}), DerForm::unknown},
      {sequence({kTime}), DerForm::unknown},
      {sequence({kOne, kTime}), DerForm::unknown},
      {kOne, DerForm::unknown},
      {{}, DerForm::unknown},
      // Lengths left open, as in files of Java programs.
      {{0x30, 0x80, 0x02, 0x01, 0x03, 0x30, 0x80, 0x06, 0x01, 0x2a}, DerForm::pkcs12},
      {{0x30, 0x80, 0x06, 0x01, 0x2a, 0xa0, 0x80}, DerForm::pkcs7},
  };
  for (const auto& [der, form] : shapes) EXPECT_EQ(der_form(der), form) << form_text(form);
}

TEST(DerForm, ACutCertificateIsStillOne) {
  const Der whole = make_chain().leaf.der();
  for (std::size_t length = 12; length <= whole.size(); ++length)
    EXPECT_EQ(der_form(std::span(whole).first(length)), DerForm::certificate) << length;
  for (std::size_t length = 0; length < 12; ++length)
    (void)der_form(std::span(whole).first(length));
}

TEST(ForeignForm, AlwaysSaysSomething) {
  EXPECT_EQ(foreign_form(""), "the file is empty");
  EXPECT_EQ(foreign_form("x"), "neither PEM nor DER; it begins with 78");
  EXPECT_THAT(foreign_form("0\x82"), ::testing::StartsWith("DER perhaps, but no certificate"));
}

}  // namespace
}  // namespace visavis::certs
