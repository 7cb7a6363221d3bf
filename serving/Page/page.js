'use strict';
const $ = id => document.getElementById(id);

async function get(path) {
  const headers = $('key').value ? { 'X-Api-Key': $('key').value } : {};
  const start = performance.now();
  const response = await fetch(path, { headers });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || `the service answered ${response.status}`);
  return { body, milliseconds: performance.now() - start };
}

function show(body, milliseconds, what) {
  const scores = body.items.map(item => item.score);
  const low = Math.min(0, ...scores), high = Math.max(...scores, low + 1e-9);
  $('status').className = 'soft';
  $('status').textContent = `${what}: ${body.items.length} items in ${milliseconds.toFixed(1)} ms, ${body.model} ${body.version}, by ${body.path}${body.ranked ? ', ranked' : ''}`;
  $('results').replaceChildren(...body.items.map((item, index) => {
    const row = document.createElement('li');
    const place = document.createElement('span');
    place.className = 'soft';
    place.textContent = index + 1;
    const text = document.createElement('span');
    const name = document.createElement('a');
    name.textContent = item.name || item.id;
    name.title = 'show items like this one';
    name.addEventListener('click', () => run(`v1/similar?item=${encodeURIComponent(item.id)}&k=${$('k').value}&attributes=true`, `like "${name.textContent}"`));
    const more = document.createElement('span');
    more.className = 'score';
    more.textContent = ` ${item.category || ''} (${item.id})`;
    text.append(name, more);
    const score = document.createElement('span');
    const bar = document.createElement('div');
    bar.className = 'bar';
    bar.style.width = `${100 * (item.score - low) / (high - low)}%`;
    const number = document.createElement('span');
    number.className = 'score';
    number.textContent = item.score.toFixed(3);
    score.append(bar, number);
    row.append(place, text, score);
    return row;
  }));
}

async function run(path, what) {
  try {
    const { body, milliseconds } = await get(path);
    show(body, milliseconds, what);
  } catch (error) {
    $('status').className = 'bad';
    $('status').textContent = error.message;
    $('results').replaceChildren();
  }
}

function submit() {
  const k = encodeURIComponent($('k').value), query = $('query').value.trim(), user = $('user').value.trim();
  if (query) {
    run(`v1/search?q=${encodeURIComponent(query)}&k=${k}&attributes=true`, `search for "${query}"`);
  } else {
    run(`v1/recommend?${user ? `user=${encodeURIComponent(user)}&` : ''}k=${k}&attributes=true&exclude_seen=${$('seen').checked}&diversify=${$('diversify').value}`, user ? `for user ${user}` : 'for somebody unknown');
  }
}

async function describe() {
  try {
    const ready = (await get('v2/health/ready')).body;
    $('model').textContent = `${ready.model} ${ready.version}, ${ready.precision}, ${ready.provider}, ${ready.index}`;
    const users = (await get('v1/users?count=50')).body;
    $('users').replaceChildren(...users.users.map(id => Object.assign(document.createElement('option'), { value: id })));
    $('user').placeholder = `one of ${users.total}: type or pick`;
  } catch (error) {
    $('model').textContent = error.message;
  }
}

$('form').addEventListener('submit', event => { event.preventDefault(); submit(); });
$('user').addEventListener('input', () => { $('query').value = ''; });
$('key').addEventListener('change', describe);
describe();
