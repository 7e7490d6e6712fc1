/** The page, in nunjucks; a constant because the build copies nothing but code. */
export const TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ verdict.text }}: {{ title }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<header>
  <div class="head">
    <h1>{{ title }}</h1>
    <span class="verdict {{ verdict.kind }}">{{ verdict.text }}</span>
  </div>
  <dl class="facts">
    {% for name, value in facts %}
    <div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>
    {% endfor %}
  </dl>
  <ul class="totals">
    {% for total in totals %}
    <li class="{{ total.name }}{{ ' none' if total.count == 0 }}"><b>{{ total.count }}</b> {{ total.name }}</li>
    {% endfor %}
  </ul>
</header>
<main>
{% if failures.length %}
<section>
  <h2>Failures <small>{{ failures.length }}</small></h2>
  {% for failure in failures %}
  <article class="failure" id="{{ failure.id }}">
    <h3><span class="host">{{ failure.host }}</span>{% if failure.item %} <span class="item">item={{ failure.item }}</span>{% endif %}
      <span class="badge {{ failure.kind }}">{{ failure.kind }}</span></h3>
    <p class="message">{{ failure.message }}</p>
    <p class="where">{{ failure.task }} <code>{{ failure.at }}</code> after {{ failure.duration }}</p>
    {% if failure.hint %}
    <p class="hint">{{ failure.hint }}</p>
    {% endif %}
    {% if failure.stderr %}
    <h4>stderr</h4>
<pre>{{ failure.stderr }}</pre>
    {% endif %}
    {% if failure.stdout %}
    <details{{ ' open' if not failure.stderr }}><summary>stdout</summary>
<pre>{{ failure.stdout }}</pre></details>
    {% endif %}
    <details><summary>whole result</summary>
<pre>{{ failure.result }}</pre></details>
  </article>
  {% endfor %}
</section>
{% endif %}
{% if warnings.length %}
<section>
  <h2>Warnings <small>{{ warnings.length }}</small></h2>
  <ul class="warnings">
    {% for warning in warnings %}
    <li>{{ warning }}</li>
    {% endfor %}
  </ul>
</section>
{% endif %}
<section>
  <h2>Hosts and tasks</h2>
  {% for play in plays %}
  <h3 class="play">{{ play.name }} <code>{{ play.at }}</code>{% if play.note %} <span class="note">{{ play.note }}</span>{% endif %}</h3>
  {% if play.tasks.length %}
  <div class="scroll">
  <table class="grid">
    <thead><tr><th scope="col">Task</th><th scope="col" class="took">Took</th>{% for host in play.hosts %}<th scope="col" class="name"><span>{{ host }}</span></th>{% endfor %}<th class="rest"></th></tr></thead>
    <tbody>
    {% for task in play.tasks %}
    <tr><th scope="row" title="{{ task.at }}">{% if task.handler %}<span class="note">handler</span> {% endif %}{{ task.title }}</th><td class="took"><i style="width:{{ task.percent }}%"></i><span>{{ task.duration }}</span></td>
    {%- for cell in task.cells %}{% if cell %}<td class="{{ cell.status }}" title="{{ cell.title }}">{% if cell.link %}<a href="#{{ cell.link }}">{{ cell.glyph }}</a>{% else %}{{ cell.glyph }}{% endif %}</td>{% else %}<td></td>{% endif %}{% endfor %}<td class="rest"></td></tr>
    {% endfor %}
    </tbody>
  </table>
  </div>
  {% endif %}
  {% endfor %}
  <p class="legend"><span class="ok">·</span> ok <span class="changed">●</span> changed <span class="skipped">–</span> skipped <span class="failed">✕</span> failed <span class="unreachable">!</span> unreachable <span class="ignored">~</span> ignored <span class="rescued">↺</span> rescued <span class="unknown">?</span> unknown</p>
</section>
{% if changes.length %}
<section>
  <h2>Changes <small>{{ changes.length }}</small></h2>
  {% for change in changes %}
  <details class="change" id="{{ change.id }}" open>
    <summary><b>{{ change.task }}</b>{% if change.item %} <span class="item">item={{ change.item }}</span>{% endif %} <code>{{ change.at }}</code>
      <span class="hosts">{% for host in change.hosts %}<span>{{ host }}</span>{% endfor %}</span></summary>
<pre class="diff">{% for line in change.lines %}<span class="{{ line.tone }}">{{ line.text }}</span>{% endfor %}</pre>
  </details>
  {% endfor %}
</section>
{% endif %}
{% if recap.length %}
<section>
  <h2>Recap</h2>
  <div class="scroll">
  <table class="recap">
    <thead><tr><th scope="col">Host</th>{% for counter in counters %}<th scope="col">{{ counter }}</th>{% endfor %}</tr></thead>
    <tbody>
    {% for row in recap %}
    <tr{{ ' class=bad' if row.bad }}><th scope="row">{{ row.host }}</th>{% for count in row.counts %}<td class="{{ counters[loop.index0] if count else 'none' }}">{{ count }}</td>{% endfor %}</tr>
    {% endfor %}
    </tbody>
  </table>
  </div>
</section>
{% endif %}
</main>
</body>
</html>
`;
