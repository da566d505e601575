#include "inspect/handshake/message_assembler.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::message;

constexpr std::size_t kLimit = 64;

struct Outcome {
  std::vector<ByteVector> messages;
  std::optional<ParseError> error;
  std::size_t pending = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome assemble(const ByteVector& stream, std::size_t step, std::size_t limit = kLimit) {
  MessageAssembler assembler(limit);
  Outcome outcome;
  for (std::size_t from = 0; from < stream.size(); from += step) {
    assembler.add(Bytes(stream).subspan(from, std::min(step, stream.size() - from)));
    for (auto next = assembler.next(); !next.needs_more(); next = assembler.next()) {
      if (next.failed()) {
        outcome.error = next.error();
        break;
      }
      EXPECT_EQ(next->raw[0], next->type.value);
      EXPECT_EQ(next->body().size() + 4, next->raw.size());
      outcome.messages.emplace_back(next->raw.begin(), next->raw.end());
    }
  }
  outcome.pending = assembler.pending_bytes();
  return outcome;
}

Outcome assemble_in_all_ways(const ByteVector& stream) {
  const Outcome whole = assemble(stream, stream.size() + 1);
  for (std::size_t step = 1; step <= stream.size(); ++step)
    EXPECT_EQ(assemble(stream, step), whole) << "pieces of " << step;
  return whole;
}

TEST(MessageAssembler, FragmentedAndCoalescedMessagesAreTheSame) {
  const ByteVector first = message(2, ByteVector(20, 1));
  const ByteVector empty = message(14, {});
  const ByteVector last = message(11, ByteVector(60, 2));
  const Outcome outcome = assemble_in_all_ways(joined({first, empty, last, {22, 0, 0}}));
  EXPECT_EQ(outcome.messages, (std::vector<ByteVector>{first, empty, last}));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.pending, 3U);
}

TEST(MessageAssembler, SaysHowManyBytesAreMissing) {
  MessageAssembler assembler(kLimit);
  EXPECT_EQ(assembler.next().missing_bytes(), 4U);
  const ByteVector bytes = message(1, ByteVector(10, 0));
  assembler.add(Bytes(bytes).first(3));
  EXPECT_EQ(assembler.next().missing_bytes(), 1U);
  assembler.add(Bytes(bytes).subspan(3, 1));
  EXPECT_EQ(assembler.next().missing_bytes(), 10U);
  assembler.add(Bytes(bytes).subspan(4, 9));
  EXPECT_EQ(assembler.next().missing_bytes(), 1U);
  EXPECT_EQ(assembler.pending_bytes(), 13U);
  assembler.add(Bytes(bytes).subspan(13));
  ASSERT_TRUE(assembler.next().ok());
  EXPECT_EQ(assembler.next().missing_bytes(), 4U);
  EXPECT_EQ(assembler.pending_bytes(), 0U);
}

TEST(MessageAssembler, EmptyFragmentsChangeNothing) {
  MessageAssembler assembler(kLimit);
  const ByteVector bytes = message(1, {1, 2, 3});
  for (const std::uint8_t byte : bytes) {
    assembler.add({});
    EXPECT_TRUE(assembler.next().needs_more());
    assembler.add(Bytes(&byte, 1));
  }
  EXPECT_TRUE(assembler.next().ok());
}

TEST(MessageAssembler, TheLimitCountsTheHeader) {
  EXPECT_EQ(assemble_in_all_ways(message(1, ByteVector(kLimit - 4, 0))).messages.size(), 1U);
  const Outcome outcome = assemble_in_all_ways(message(1, ByteVector(kLimit - 3, 0)));
  EXPECT_TRUE(outcome.messages.empty());
  EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::too_large, "handshake message length", 1}));
}

TEST(MessageAssembler, AnOversizedMessageIsRefusedByItsHeaderAlone) {
  MessageAssembler assembler(limits::kMaxHandshakeMessageBytes);
  assembler.add(test::from_hex("0b ffffff"));
  EXPECT_TRUE(assembler.next().failed());
  EXPECT_EQ(assembler.pending_bytes(), 0U) << "nothing is held for it";
  assembler.add(ByteVector(1000, 0));
  EXPECT_TRUE(assembler.next().failed()) << "it stays failed";
  EXPECT_EQ(assembler.pending_bytes(), 0U);
}

TEST(MessageAssembler, MessagesBeforeAnOversizedOneAreKept) {
  const Outcome outcome =
      assemble_in_all_ways(joined({message(2, {1}), message(14, {}), {11, 1, 0, 0, 9, 9}}));
  EXPECT_EQ(outcome.messages.size(), 2U);
  EXPECT_EQ(outcome.error, (ParseError{ParseErrorCode::too_large, "handshake message length", 1}))
      << "counted from the message's own first byte, however it came";
}

}  // namespace
}  // namespace visavis::inspect
