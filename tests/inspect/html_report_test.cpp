// The page of a bundle: nothing that a peer sent gets into it as markup, and it says what the text
// report says.
#include "inspect/report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>


namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kMarkup = "<script>alert(\"1\")</script>&amp;'";

SessionReport hostile() {
  SessionReport session;
  const std::string markup(kMarkup);
  session.id = session.client = session.backend = markup;
  session.sni = markup;
  session.verdict.headline = session.verdict.verdict_class = markup;
  session.client_leg.emplace();
  session.client_leg->from = markup;
  session.client_leg->certificates.emplace_back();
  session.client_leg->certificates.back().subject = markup + "\x1b[2J\xff";
  session.comparison.push_back({markup, markup, markup, "differs", markup});
  session.http.emplace_back();
  session.http.back().target = markup;
  FindingReport finding;
  finding.id = finding.title = finding.cause = finding.remedy = finding.severity = markup;
  finding.evidence.push_back({markup, 1, markup});
  session.findings.push_back(finding);
  return session;
}

TEST(HtmlReport, WhatPeersSentIsText) {
  const std::string page = render_html({hostile()});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("class=\"finding &lt;script&gt;alert(&quot;1&quot;)&lt;"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;'"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(HtmlReport, AHugeNameIsCut) {
  SessionReport session = hostile();
  session.sni = std::string(100'000, 'a');
  EXPECT_LT(render_html({session}).size(), 30'000U);
}

TEST(HtmlReport, WithoutSessionsItIsStillAPage) {
  const std::string page = render_html({});
  EXPECT_THAT(page, HasSubstr("<ol>\n</ol>"));
  EXPECT_TRUE(page.ends_with("</body>\n</html>\n"));
}

}  // namespace
}  // namespace visavis::inspect
