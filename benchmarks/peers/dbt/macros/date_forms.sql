{# Every text that means a day of the window, as D/M/YYYY with or without leading zeros. #}
{% macro date_forms() %}
  {%- set first = modules.datetime.date.fromisoformat(var("window_start")) -%}
  {%- set last = modules.datetime.date.fromisoformat(var("as_of")) -%}
  {%- set forms = [] -%}
  {%- for number in range((last - first).days + 1) -%}
    {%- set day = first + modules.datetime.timedelta(days=number) -%}
    {%- for d in [day.day | string, "%02d" | format(day.day)] -%}
      {%- for m in [day.month | string, "%02d" | format(day.month)] -%}
        {%- do forms.append("'" ~ d ~ "/" ~ m ~ "/" ~ day.year ~ "'") -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ forms | unique | join(", ") }}
{%- endmacro %}
