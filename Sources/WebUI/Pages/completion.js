// Completion in a text field, one word at a time: the flow keys of a list, the keys of a filter, metrics. A combobox as the
// ARIA authoring practices describe it (pattern "editable combobox with list autocomplete").

import {make} from './dom.js';

const choicesMax = 40;
let fieldCount = 0;

/**
 * `choices()` gives `[{text, note}]`; `isBreak` says which characters end a word. What is chosen replaces the word at
 * the caret; then `input` and `change` events tell whoever listens.
 */
export function complete(input, choices, isBreak = /[,:&|()!\s[\]]/) {
  const list = make('ul', {class: 'choices', role: 'listbox', id: `choices-${fieldCount += 1}`, hidden: true, 'aria-label': 'Completions'});
  const holder = make('span', {class: 'completed'});
  input.replaceWith(holder);
  holder.append(input, list);
  for (const [name, value] of Object.entries({
    role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': 'false',
    autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
  })) input.setAttribute(name, value);
  let chosen = -1;

  function word() {
    const end = input.selectionStart ?? input.value.length;
    let start = end;
    while (start > 0 && !isBreak.test(input.value[start - 1])) start -= 1;
    return {start, end, text: input.value.slice(start, end)};
  }

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function open() {
    const {text} = word();
    const sought = text.toLowerCase();
    // Behind an operator stands a value, and values are not completed.
    if (/[=~]/.test(text)) return close();
    const all = choices().filter(choice => choice.text.toLowerCase().includes(sought) && choice.text !== text);
    all.sort((a, b) => b.text.toLowerCase().startsWith(sought) - a.text.toLowerCase().startsWith(sought));
    const shown = all.slice(0, choicesMax);
    if (shown.length === 0) return close();
    list.replaceChildren(...shown.map((choice, index) => make('li',
      {role: 'option', id: `${list.id}-${index}`, 'aria-selected': 'false', onpointerdown: event => {
        event.preventDefault();
        take(choice.text);
      }}, make('span', {}, choice.text), make('small', {}, choice.note ?? ''))));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    choose(-1);
  }

  function choose(index) {
    const items = [...list.children];
    chosen = items.length ? Math.max(-1, Math.min(items.length - 1, index)) : -1;
    items.forEach((item, at) => item.setAttribute('aria-selected', String(at === chosen)));
    if (chosen < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', items[chosen].id);
    items[chosen].scrollIntoView({block: 'nearest'});
  }

  function take(text) {
    const {start, end} = word();
    input.setRangeText(text, start, end, 'end');
    close();
    input.dispatchEvent(new Event('input', {bubbles: true}));
    close();
    input.dispatchEvent(new Event('change', {bubbles: true}));
  }

  input.addEventListener('input', open);
  input.addEventListener('focus', open);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) open();
      choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && !list.hidden && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen].firstChild.textContent);
    } else if (event.key === 'Enter') {
      close();
    }
  });
}
