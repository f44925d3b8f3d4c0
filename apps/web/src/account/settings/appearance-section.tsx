import { useState } from 'react';
import { chooseTheme, findTheme, type Theme } from '../../data/theme.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Section } from './section.tsx';

const themes: Theme[] = ['device', 'light', 'dark'];

/** The colors of the page. */
export function AppearanceSection() {
  const [theme, setTheme] = useState(findTheme);
  const choose = (next: Theme) => {
    setTheme(next);
    chooseTheme(next);
  };
  return (
    <Section title={settingsTexts.appearance} hint={settingsTexts.appearanceHint}>
      <fieldset className="segments">
        <legend className="visually-hidden">{settingsTexts.theme}</legend>
        {themes.map((value) => (
          <label key={value} className="segment">
            <input type="radio" name="theme" checked={theme === value} onChange={() => choose(value)} />
            <span>{settingsTexts.themes[value]}</span>
          </label>
        ))}
      </fieldset>
    </Section>
  );
}
