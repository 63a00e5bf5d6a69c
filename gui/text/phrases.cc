#include "gui/text/phrases.h"

#include "sim/base/assert.h"

namespace brokerlab::gui {

std::string Phrasebook::operator()(Phrase phrase, std::initializer_list<PhraseValue> values) const {
  const std::string_view text = (*this)(phrase);
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t close = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out += text[i++];
      continue;
    }
    const std::string_view inside = text.substr(i + 1, close - i - 1);
    const size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const auto* found = values.begin();
    while (found != values.end() && found->name != name) ++found;
    BROKERLAB_ASSERT_THAT(found != values.end(), "a phrase without its value: " + std::string(name));
    out += colon == std::string_view::npos ? found->value
                                           : with_particle(found->value, inside.substr(colon + 1));
    i = close + 1;
  }
  return out;
}

}  // namespace brokerlab::gui
