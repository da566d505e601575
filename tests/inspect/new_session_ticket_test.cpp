#include "inspect/handshake/new_session_ticket.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::big_endian;
using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

auto parser(ProtocolVersion version) {
  return [version](Bytes bytes) { return parse_new_session_ticket(bytes, version); };
}

TEST(NewSessionTicket, BeforeTlsThirteen) {
  const auto ticket =
      parse_new_session_ticket(data_file("messages/new_session_ticket_tls10"), kTls10);
  ASSERT_TRUE(ticket.ok()) << describe(ticket.error());
  EXPECT_EQ(ticket->lifetime_s, 7200U);
  EXPECT_EQ(ticket->ticket_length, 176);
  EXPECT_FALSE(ticket->age_add || ticket->max_early_data_bytes);
  EXPECT_TRUE(ticket->extensions.empty());
}

TEST(NewSessionTicket, OfTlsThirteenWithEarlyData) {
  const auto ticket =
      parse_new_session_ticket(data_file("messages/new_session_ticket_tls13"), kTls13);
  ASSERT_TRUE(ticket.ok()) << describe(ticket.error());
  EXPECT_EQ(ticket->lifetime_s, 7200U);
  EXPECT_EQ(ticket->age_add, 0x471537a7U);
  EXPECT_EQ(ticket->nonce_length, 8);
  EXPECT_EQ(ticket->ticket_length, 32);
  ASSERT_EQ(ticket->extensions.size(), 1U);
  EXPECT_EQ(ticket->extensions[0].type, kEarlyData);
  EXPECT_EQ(ticket->max_early_data_bytes, 16384U);
}

TEST(NewSessionTicket, AnEmptyTicketTakesThePromiseBack) {
  const ByteVector whole = message(4, joined({big_endian(300, 4), vector_of(2, {})}));
  const auto ticket = parse_new_session_ticket(whole, kTls12);
  ASSERT_TRUE(ticket.ok());
  EXPECT_EQ(ticket->lifetime_s, 300U);
  EXPECT_EQ(ticket->ticket_length, 0);
}

TEST(NewSessionTicket, EarlyDraftsHaveNoNonce) {
  const ByteVector whole = message(
      4, joined({big_endian(9, 4), big_endian(7, 4), vector_of(2, {1, 2, 3}), vector_of(2, {})}));
  const auto ticket = parse_new_session_ticket(whole, {0x7f12});
  ASSERT_TRUE(ticket.ok()) << describe(ticket.error());
  EXPECT_EQ(ticket->ticket_length, 3);
  EXPECT_FALSE(parse_new_session_ticket(whole, kTls13).ok());
  EXPECT_FALSE(parse_new_session_ticket(whole, {0x7f1c}).ok());
}

TEST(NewSessionTicket, ABrokenEarlyDataIsNamedByItsPlace) {
  const ByteVector extension = joined({{0, 42}, vector_of(2, {0, 0, 1})});
  const ByteVector whole =
      message(4, joined({ByteVector(8, 0), {0}, vector_of(2, {1}), vector_of(2, extension)}));
  EXPECT_EQ(parse_new_session_ticket(whole, kTls13).error(),
            (ParseError{ParseErrorCode::truncated, "max_early_data_size", 22}));
}

TEST(NewSessionTicket, CutAtEveryByteAndWithWrongLengths) {
  const ByteVector tls10 = data_file("messages/new_session_ticket_tls10");
  test::expect_cuts_fail(tls10, parser(kTls10));
  test::expect_wrong_lengths_fail(tls10, {3, 9}, parser(kTls10));
  const ByteVector tls13 = data_file("messages/new_session_ticket_tls13");
  test::expect_cuts_fail(tls13, parser(kTls13));
  // Header, nonce, ticket, extensions, the extension's.
  test::expect_wrong_lengths_fail(tls13, {3, 12, 22, 56, 60}, parser(kTls13));
  test::expect_other_type_fails(tls13, parser(kTls13));
}

}  // namespace
}  // namespace visavis::inspect
