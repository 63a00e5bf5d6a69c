#include "sim/controller/kraft/client_quota_control.h"

#include <doctest/doctest.h>

#include <limits>

using namespace brokerlab;

namespace {

using Request = kafka::AlterClientQuotasRequest;

/// One entry: an entity, and quotas to set; a value of -1 removes.
Request::EntryData entry(const QuotaEntity& entity,
                         const std::vector<std::pair<std::string, double>>& quotas) {
  Request::EntryData made;
  for (const auto& [type, name] : entity)
    made.entity.push_back({.entity_type = type, .entity_name = name, .unknown_tags = {}});
  for (const auto& [key, value] : quotas)
    made.ops.push_back({.key = key, .value = value, .remove = value == -1, .unknown_tags = {}});
  return made;
}

/// The first entry's error message; "" when it was taken.
std::string refusal(const std::vector<Request::EntryData>& entries, const MetadataImage& image = {}) {
  Request request;
  request.entries = entries;
  const auto result = alter_client_quotas(image, request);
  const auto& answer = result.response.entries.back();
  CHECK((answer.error_code == 0) == !answer.error_message.has_value());
  if (answer.error_code != 0) CHECK(answer.error_code == to_int16(kafka::ErrorCode::invalid_request));
  return answer.error_message.value_or("");
}

MetadataImage after(const std::vector<Request::EntryData>& entries, MetadataImage image = {}) {
  Request request;
  request.entries = entries;
  MetadataDelta delta;
  for (const kafka::MetadataRecord& record : alter_client_quotas(image, request).records)
    REQUIRE(image.replay(record, delta).ok());
  return image;
}

}  // namespace

TEST_CASE("Quotas are set, changed and removed one by one") {
  const QuotaEntity app{{"client-id", "app"}};
  MetadataImage image = after({entry(app, {{"producer_byte_rate", 1024}, {"consumer_byte_rate", 2048}})});
  CHECK(image.client_quotas().at(app) ==
        QuotaValues{{"consumer_byte_rate", 2048}, {"producer_byte_rate", 1024}});
  Request same;
  same.entries = {entry(app, {{"producer_byte_rate", 1024}})};
  CHECK(alter_client_quotas(image, same).records.empty());
  image = after({entry(app, {{"producer_byte_rate", -1}})}, image);
  CHECK(image.client_quotas().at(app) == QuotaValues{{"consumer_byte_rate", 2048}});
  image = after({entry(app, {{"consumer_byte_rate", -1}})}, image);
  CHECK(image.client_quotas().empty());
  CHECK(refusal({entry(app, {{"consumer_byte_rate", -1}})}, image).empty());
}

TEST_CASE("Nothing is written when a request only validates, or one of an entity's quotas is wrong") {
  Request request;
  request.validate_only = true;
  request.entries = {entry({{"user", std::nullopt}}, {{"producer_byte_rate", 1}})};
  CHECK(alter_client_quotas({}, request).records.empty());
  const MetadataImage image = after({entry({{"user", "a"}}, {{"producer_byte_rate", 1}, {"no_such_rate", 1}}),
                                     entry({{"user", "b"}}, {{"producer_byte_rate", 1}})});
  CHECK(image.client_quotas().size() == 1);
}

TEST_CASE("Entities and keys are refused in Kafka's words") {
  const std::vector<std::pair<std::string, double>> rate{{"producer_byte_rate", 1}};
  CHECK(refusal({entry({{"user", "a"}, {"client-id", "b"}}, rate)}).empty());
  CHECK(refusal({entry({}, rate)}) == "Invalid empty client quota entity");
  CHECK(refusal({entry({{"user", "a"}, {"ip", "127.0.0.1"}}, rate)}) == "Invalid empty client quota entity");
  CHECK(refusal({entry({{"group", "g"}}, rate)}) == "Unhandled client quota entity type: group");
  CHECK(refusal({entry({{"user", ""}}, rate)}) == "Empty user not supported");
  CHECK(refusal({entry({{"user", "a"}}, {{"bytes", 1}})}) == "Invalid configuration key bytes");
  CHECK(refusal({entry({{"ip", "127.0.0.1"}}, rate)}) == "Invalid configuration key producer_byte_rate");
  CHECK(refusal({entry({{"user", "a"}}, {{"producer_byte_rate", 1.5}})}) ==
        "Configuration producer_byte_rate must be a Long value");
  CHECK(
      refusal({entry({{"user", "a"}}, {{"producer_byte_rate", std::numeric_limits<double>::quiet_NaN()}})}) ==
      "Configuration producer_byte_rate must be a Long value");
  CHECK(refusal({entry({{"user", "a"}}, rate), entry({{"user", "a"}}, rate)}) ==
        "Ignoring duplicate entity ClientQuotaEntity(entries={user=a})");
}
