"""The definitions in use: national of 2016, its re-survey of 2024, and the school roll's."""

import datetime as dt

from django.db import migrations

D1 = {
    "code": "D1",
    "name": "农村留守儿童（2016年民政部）",
    "parents": "unable",
    "source": "因父母双方外出务工或一方外出务工另一方无监护能力，无法与父母正常共同生活的不满十六周岁农村户籍未成年人。"
    "《国务院关于加强农村留守儿童关爱保护工作的意见》（国发〔2016〕13号）；登记表见民发〔2016〕42号附件1",
    "valid_from": dt.date(2016, 2, 4),
}
D2 = {
    "code": "D2",
    "name": "农村留守儿童（2024年重新摸排）",
    "parents": "unable",
    "months": 6,
    "cross_county": True,
    "source": "父母长期外出务工一般指跨县域连续务工6个月以上；偶尔回家探亲、休假的，不影响连续务工时间认定。2024年摸底排查",
    "valid_from": dt.date(2024, 6, 1),
}
D3 = {
    "code": "D3",
    "name": "留守儿童（学籍）",
    "parents": "any",
    "below_age": None,
    "rural_hukou": False,
    "pupils_only": True,
    "months": 3,
    "source": "父母外出务工三个月以上，由其他亲属监护并留在户籍所在地家乡接受义务教育的子女。全国中小学生学籍信息管理系统",
    "valid_from": dt.date(2013, 9, 1),
}
DEFINITIONS = (D1, D2, D3)


def add(apps, schema_editor):
    model = apps.get_model("registry", "Definition")
    for values in DEFINITIONS:
        model._base_manager.get_or_create(code=values["code"], defaults=values)


def remove(apps, schema_editor):
    codes = [values["code"] for values in DEFINITIONS]
    apps.get_model("registry", "Definition")._base_manager.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_left_behind")]
    operations = [migrations.RunPython(add, remove)]
