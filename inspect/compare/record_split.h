#pragma once
#include <string>

#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// split_kind names the BEAST countermeasure that one direction of an established leg shows: none,
/// 1/n-1, 1/n-1-after-first (Java), 0/n, split-unknown, or n/a when no application data was sent.
///
/// Only TLS 1.0 and older with a CBC suite is split; later, a one-byte record is the application's
/// own. Where plaintext lengths are not known, 0/n and 1/n-1 look alike on the wire: split-unknown.
/// A write of one byte is no split, and a direction most of whose writes are whole has none.
std::string split_kind(const LegReport& leg, bool c2s);

/// splits_writes is true when most writes of a direction begin with a record of one byte or none,
/// whatever the version.
bool splits_writes(const LegReport& leg, bool c2s);

/// needs_split is true for what the countermeasure is for: TLS 1.0 and older with a CBC suite.
bool needs_split(const EstablishedReport& agreed);

/// is_data is true for a record of application data. Of TLS 1.3's encrypted records only those
/// whose plaintext length is known count: others may be handshake messages.
bool is_data(const EstablishedReport& agreed, const RecordRow& record);

/// may_be_small_half is true for a record that can be the first half of a split: one byte at most,
/// or, where its plaintext length is not known, the smallest record that the suite makes under TLS
/// 1.0.
bool may_be_small_half(const EstablishedReport& agreed, const RecordRow& record);

}  // namespace visavis::inspect
