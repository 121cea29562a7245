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
  new Completion(input, choices, isBreak);
}

class Completion {
  #input; #choices; #isBreak; #list; #chosen = -1;

  constructor(input, choices, isBreak) {
    this.#input = input;
    this.#choices = choices;
    this.#isBreak = isBreak;
    this.#list = make('ul', {class: 'choices', role: 'listbox', id: `choices-${fieldCount += 1}`, hidden: true, 'aria-label': 'Completions'});
    const holder = make('span', {class: 'completed'});
    input.replaceWith(holder);
    holder.append(input, this.#list);
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': this.#list.id, 'aria-expanded': 'false',
      autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
    })) input.setAttribute(name, value);
    input.addEventListener('input', () => this.#open());
    input.addEventListener('focus', () => this.#open());
    input.addEventListener('blur', () => this.#close());
    input.addEventListener('keydown', event => this.#key(event));
  }

  /** The word that ends at the caret. */
  #word() {
    const {value, selectionStart} = this.#input;
    const end = selectionStart ?? value.length;
    let start = end;
    while (start > 0 && !this.#isBreak.test(value[start - 1])) start -= 1;
    return {start, end, text: value.slice(start, end)};
  }

  #open() {
    const {text} = this.#word();
    const sought = text.toLowerCase();
    // Behind an operator stands a value, and values are not completed.
    if (/[=~]/.test(text)) return this.#close();
    const all = this.#choices().filter(choice => choice.text.toLowerCase().includes(sought) && choice.text !== text);
    all.sort((a, b) => b.text.toLowerCase().startsWith(sought) - a.text.toLowerCase().startsWith(sought));
    if (all.length === 0) return this.#close();
    this.#list.replaceChildren(...all.slice(0, choicesMax).map((choice, index) => make('li',
      {role: 'option', id: `${this.#list.id}-${index}`, 'aria-selected': 'false', onpointerdown: event => {
        event.preventDefault();
        this.#take(choice.text);
      }}, make('span', {}, choice.text), make('small', {}, choice.note ?? ''))));
    this.#list.hidden = false;
    this.#input.setAttribute('aria-expanded', 'true');
    this.#choose(-1);
  }

  #close() {
    this.#list.hidden = true;
    this.#chosen = -1;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }

  #choose(index) {
    const items = [...this.#list.children];
    this.#chosen = Math.max(-1, Math.min(items.length - 1, index));
    items.forEach((item, at) => item.setAttribute('aria-selected', String(at === this.#chosen)));
    if (this.#chosen < 0) return this.#input.removeAttribute('aria-activedescendant');
    this.#input.setAttribute('aria-activedescendant', items[this.#chosen].id);
    items[this.#chosen].scrollIntoView({block: 'nearest'});
  }

  #take(text) {
    const {start, end} = this.#word();
    this.#input.setRangeText(text, start, end, 'end');
    this.#input.dispatchEvent(new Event('input', {bubbles: true}));
    this.#close();
    this.#input.dispatchEvent(new Event('change', {bubbles: true}));
  }

  #key(event) {
    const isOpen = !this.#list.hidden;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) this.#open();
      this.#choose(this.#chosen + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      this.#close();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && isOpen && this.#chosen >= 0) {
      event.preventDefault();
      this.#take(this.#list.children[this.#chosen].firstChild.textContent);
    } else if (event.key === 'Enter') {
      this.#close();
    }
  }
}
