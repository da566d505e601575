#include "proxy/record_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace visavis::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = SplitPolicy::Kind;
using Lines = std::vector<std::string>;

constexpr RecordArrival kTogether{false, false};
constexpr RecordArrival kApart{false, true};
constexpr RecordArrival kBehindEmpty{true, false};
constexpr RecordArrival kBehindEmptyApart{true, true};

/// The splitter as its owner uses it. A record that leaves is "LENGTH", after '|' where it starts a
/// segment, before '|' where it ends one, with "0|" where an empty record is cut off before it.
class RecordSplitterTest : public ::testing::Test {
 protected:
  void use(SplitPolicy policy, SplitSegments segments = SplitSegments::keep) {
    splitter_ = RecordSplitter(policy, segments);
  }

  Lines add(std::size_t length, RecordArrival arrival = kTogether) {
    std::string record;
    for (std::size_t i = 0; i < length; ++i)
      record += static_cast<char>('a' + (added_.size() + i) % 23);
    added_ += record;
    splitter_.add({reinterpret_cast<const std::uint8_t*>(record.data()), record.size()}, arrival);
    return due();
  }
  Lines settle() {
    splitter_.settle();
    return due();
  }
  Lines due() {
    Lines lines;
    while (const auto record = splitter_.next()) {
      left_.append(record->plaintext.begin(), record->plaintext.end());
      std::string line = record->starts_segment ? "|" : "";
      if (record->cut_behind_empty) line += "0|";
      line += std::to_string(record->plaintext.size());
      lines.push_back(line + (record->ends_segment ? "|" : ""));
    }
    return lines;
  }

  void TearDown() override {
    settle();
    EXPECT_EQ(left_, added_) << "nothing lost, nothing added, in order";
  }

  RecordSplitter splitter_{{}, SplitSegments::keep};
  std::string added_;
  std::string left_;
};

TEST_F(RecordSplitterTest, NoneJoinsWhatArrivedTogether) {
  use({Kind::none});
  EXPECT_THAT(add(1), IsEmpty());
  EXPECT_TRUE(splitter_.waits());
  EXPECT_THAT(add(26, kApart), IsEmpty());
  EXPECT_FALSE(splitter_.waits());
  EXPECT_THAT(settle(), ElementsAre("27"));
  EXPECT_THAT(add(100), IsEmpty());
  EXPECT_THAT(add(200), IsEmpty());
  EXPECT_THAT(settle(), ElementsAre("300"));
}

TEST_F(RecordSplitterTest, NoneFillsRecordsAndHoldsLessThanOne) {
  use({Kind::none});
  EXPECT_THAT(add(1), IsEmpty());
  EXPECT_THAT(add(16383), ElementsAre("16384"));
  EXPECT_FALSE(splitter_.waits());
  EXPECT_THAT(add(16384), ElementsAre("16384"));
  EXPECT_THAT(add(10), IsEmpty());
  EXPECT_THAT(add(16384), ElementsAre("16384"));
  EXPECT_FALSE(splitter_.waits()) << "ten bytes of a longer write";
  EXPECT_THAT(settle(), ElementsAre("10"));
  EXPECT_THAT(settle(), IsEmpty());
}

TEST_F(RecordSplitterTest, ARemainderOfOneByteDoesNotWait) {
  use({Kind::none});
  (void)add(1);
  EXPECT_THAT(add(16384), ElementsAre("16384"));
  EXPECT_FALSE(splitter_.waits());
  EXPECT_THAT(settle(), ElementsAre("1"));
}

TEST_F(RecordSplitterTest, KeystrokesWaitOnlyUntilTheyAreSettled) {
  for (const Kind kind : {Kind::none, Kind::one_n_minus_one, Kind::zero_n}) {
    use({kind});
    EXPECT_THAT(add(1), IsEmpty());
    EXPECT_TRUE(splitter_.waits());
    EXPECT_THAT(settle(), ElementsAre("1"));
    EXPECT_FALSE(splitter_.waits());
    EXPECT_THAT(add(1), IsEmpty());
    EXPECT_TRUE(splitter_.waits());
    (void)add(1);
    EXPECT_FALSE(splitter_.waits()) << "two keystrokes wait for no third";
    (void)settle();
  }
}

TEST_F(RecordSplitterTest, OneAndTheRestOfEachWrite) {
  use({Kind::one_n_minus_one});
  EXPECT_THAT(add(27), ElementsAre("1", "26"));
  EXPECT_THAT(add(16384), ElementsAre("1", "16383"));
  EXPECT_THAT(add(2), ElementsAre("1", "1"));
  EXPECT_THAT(add(1), IsEmpty());
  EXPECT_THAT(add(16384), ElementsAre("1", "16384")) << "the client's own split, whole again";
  EXPECT_THAT(add(1), IsEmpty());
  EXPECT_THAT(settle(), ElementsAre("1")) << "a write of one byte is not split";
  EXPECT_THAT(add(5, kApart), ElementsAre("1", "4")) << "and the next one is a write of its own";
}

TEST_F(RecordSplitterTest, SegmentsOfOneAndTheRest) {
  use({Kind::one_n_minus_one}, SplitSegments::two);
  EXPECT_THAT(add(27), ElementsAre("|1|", "26"));
  use({Kind::one_n_minus_one}, SplitSegments::one);
  (void)add(1);
  EXPECT_THAT(add(26, kApart), ElementsAre("1", "26"));
  use({Kind::one_n_minus_one}, SplitSegments::keep);
  (void)add(1);
  EXPECT_THAT(add(26, kApart), ElementsAre("|1|", "26")) << "as the client's own";
  (void)add(1);
  EXPECT_THAT(add(26, kTogether), ElementsAre("1", "26"));
  EXPECT_THAT(add(27, kBehindEmptyApart), ElementsAre("|1|", "26")) << "a 0/n in two segments";
  EXPECT_THAT(add(27, kApart), ElementsAre("1", "26")) << "no split: nothing came apart";
}

TEST_F(RecordSplitterTest, WholeWritesBehindAnEmptyRecord) {
  use({Kind::zero_n}, SplitSegments::two);
  EXPECT_THAT(add(27), ElementsAre("|0|27"));
  (void)add(1);
  EXPECT_THAT(add(16384), ElementsAre("|0|16384", "|0|1"));
  use({Kind::zero_n}, SplitSegments::keep);
  EXPECT_THAT(add(27, kBehindEmpty), ElementsAre("27"));
  EXPECT_THAT(add(27, kBehindEmptyApart), ElementsAre("|0|27"));
  use({Kind::zero_n}, SplitSegments::one);
  EXPECT_THAT(add(27, kBehindEmptyApart), ElementsAre("27"));
}

TEST_F(RecordSplitterTest, PiecesOfABoundedSize) {
  use({Kind::max, 10});
  EXPECT_THAT(add(25), ElementsAre("10", "10", "5"));
  EXPECT_THAT(add(10), ElementsAre("10"));
  EXPECT_THAT(add(1), ElementsAre("1")) << "the client's own split stays";
  EXPECT_FALSE(splitter_.waits());
  EXPECT_THAT(add(9, kApart), ElementsAre("|9"));
  use({Kind::max, 10}, SplitSegments::two);
  EXPECT_THAT(add(25), ElementsAre("|10|", "|10|", "|5|"));
  use({Kind::max, 1}, SplitSegments::one);
  EXPECT_THAT(add(3), ElementsAre("1", "1", "1"));
}

TEST_F(RecordSplitterTest, KeptRecordsInOtherSegments) {
  use({Kind::keep}, SplitSegments::two);
  EXPECT_THAT(add(1), ElementsAre("|1|"));
  EXPECT_THAT(add(26), ElementsAre("26"));
  EXPECT_THAT(add(27, kBehindEmpty), ElementsAre("|0|27"));
  use({Kind::keep}, SplitSegments::one);
  EXPECT_THAT(add(1), ElementsAre("1"));
  EXPECT_TRUE(splitter_.waits()) << "for the second half to leave with it";
  EXPECT_THAT(add(26, kApart), ElementsAre("26"));
  EXPECT_FALSE(splitter_.waits());
  EXPECT_THAT(add(27, kBehindEmptyApart), ElementsAre("27"));
}

TEST(SplitPolicyName, IsAsOnTheCommandLine) {
  EXPECT_EQ(split_policy_name({}), "keep");
  EXPECT_EQ(split_policy_name({Kind::none}), "none");
  EXPECT_EQ(split_policy_name({Kind::one_n_minus_one}), "1/n-1");
  EXPECT_EQ(split_policy_name({Kind::zero_n}), "0/n");
  EXPECT_EQ(split_policy_name({Kind::max, 512}), "max:512");
  EXPECT_EQ(split_segments_name(SplitSegments::keep), "keep");
  EXPECT_EQ(split_segments_name(SplitSegments::one), "one");
  EXPECT_EQ(split_segments_name(SplitSegments::two), "two");
}

}  // namespace
}  // namespace visavis::proxy
