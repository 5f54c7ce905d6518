"Builds the package `dail` from the metadata in settings.ini."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

root = Path(__file__).parent
settings = ConfigParser(interpolation=None)
settings.read(root/'settings.ini', encoding='utf-8')
cfg, extras = settings.defaults(), settings['extras']
readme = root/'README.md'
toy = cfg['lib_name'] + '.toymodel'

setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=readme.read_text(encoding='utf-8') if readme.exists() else '',
    long_description_content_type='text/markdown',
    keywords=cfg['keywords'].split(),
    author=cfg['author'],
    license_expression=cfg['license'],
    python_requires='>=' + cfg['min_python'],
    install_requires=cfg['requirements'].split(),
    extras_require={name: extras[name].split() for name in extras if name not in cfg},
    entry_points={'console_scripts': cfg['console_scripts'].split()},
    packages=[*find_packages(include=[cfg['lib_name'], cfg['lib_name'] + '.*']), toy],
    package_dir={toy: 'data/toyworld/base'}, # the toy world's model travels with the wheel
    package_data={toy: ['*']},
)
