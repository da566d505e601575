#include "proxy/direct_twin.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using test::ByteVector;

/// The hello's message in records of these sizes; the last takes the rest.
ByteVector in_records(const ByteVector& message, std::initializer_list<std::size_t> sizes) {
  ByteVector wire;
  std::size_t taken = 0;
  const auto add = [&](std::size_t size) {
    const auto begin = message.begin() + static_cast<std::ptrdiff_t>(taken);
    const ByteVector part =
        test::record(22, 0x0301, ByteVector(begin, begin + static_cast<std::ptrdiff_t>(size)));
    wire.insert(wire.end(), part.begin(), part.end());
    taken += size;
  };
  for (const std::size_t size : sizes) add(size);
  if (taken < message.size()) add(message.size() - taken);
  return wire;
}

TEST(HelloWireBytes, EndAtTheRecordThatEndsTheHello) {
  const ByteVector message = test::full_hello().message();
  const ByteVector forms[] = {in_records(message, {}), in_records(message, {1}),
                              in_records(message, {3, 2, 10}), in_records(message, {4, 100})};
  for (const ByteVector& form : forms) {
    EXPECT_EQ(hello_wire_bytes(form), form.size());
    // Early data, a ChangeCipherSpec, half a record: never sent by a twin.
    for (const ByteVector& behind : {test::record(23, 0x0303, ByteVector(100, 7)),
                                     test::record(20, 0x0303, {1}), ByteVector{22, 3}}) {
      ByteVector wire = form;
      wire.insert(wire.end(), behind.begin(), behind.end());
      EXPECT_EQ(hello_wire_bytes(wire), form.size());
    }
    for (std::size_t size = 0; size < form.size(); ++size)
      EXPECT_EQ(hello_wire_bytes(inspect::Bytes(form).first(size)), 0U) << size;
  }
}

TEST(HelloWireBytes, OfTheSslv2FormAreItsRecord) {
  ByteVector wire =
      test::sslv2_record(test::sslv2_hello_body(0x0301, {0x2f, 0x0a}, {}, ByteVector(16, 5)));
  const std::size_t size = wire.size();
  for (std::size_t part = 0; part < size; ++part)
    EXPECT_EQ(hello_wire_bytes(inspect::Bytes(wire).first(part)), 0U);
  EXPECT_EQ(hello_wire_bytes(wire), size);
  wire.push_back(22);
  EXPECT_EQ(hello_wire_bytes(wire), size);
}

TEST(HelloWireBytes, OfWhatIsNoTlsAreNone) {
  const ByteVector text = test::text_bytes("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(hello_wire_bytes(text), 0U);
  EXPECT_EQ(hello_wire_bytes({}), 0U);
}

}  // namespace
}  // namespace visavis::proxy
