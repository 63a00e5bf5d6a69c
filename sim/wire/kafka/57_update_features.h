// UpdateFeatures (57): sets finalized feature levels of the cluster. Versions 0 to 2.
//
// KIP-584, KIP-778 (kind of upgrade: v1), KIP-1022 (no results of single features: v2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct UpdateFeaturesResponse;

struct UpdateFeaturesRequest {
  static constexpr std::string_view schema_name = "UpdateFeaturesRequest";
  static constexpr int16_t api_key = 57;
  using Response = UpdateFeaturesResponse;
  static const MessageSchema& schema();

  struct FeatureUpdateKey {
    std::string feature{};
    int16_t max_version_level = 0;
    bool allow_downgrade = false;
    int8_t upgrade_type = 1;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("feature", feature);
      f("maxVersionLevel", max_version_level);
      f("allowDowngrade", allow_downgrade, until(0));
      f("upgradeType", upgrade_type, since(1));
    }
  };
  int32_t timeout_ms = 60000;
  std::vector<FeatureUpdateKey> feature_updates{};
  bool validate_only = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("timeoutMs", timeout_ms);
    f("featureUpdates", feature_updates);
    f("validateOnly", validate_only, since(1));
  }
};

struct UpdateFeaturesResponse {
  static constexpr std::string_view schema_name = "UpdateFeaturesResponse";
  static constexpr int16_t api_key = 57;
  static const MessageSchema& schema();

  struct UpdatableFeatureResult {
    std::string feature{};
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("feature", feature);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<UpdatableFeatureResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("results", results, until(1));
  }
};

}  // namespace brokerlab::kafka
